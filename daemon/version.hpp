#pragma once

#include <string_view>

namespace postern::daemon {

extern const std::string_view kVersion;

}  // namespace postern::daemon
