#include "daemon/version.hpp"

namespace postern::daemon {

// Alone in this file, so that the tests can make a program of another version.
constinit const std::string_view kVersion = POSTERN_VERSION;

}  // namespace postern::daemon
