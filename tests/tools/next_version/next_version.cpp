#include "daemon/version.hpp"

namespace postern::daemon {

constinit const std::string_view kVersion = "next";

}  // namespace postern::daemon
