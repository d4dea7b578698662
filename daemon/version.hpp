#pragma once

#include <string_view>

namespace postern::daemon {

inline constexpr std::string_view kVersion = POSTERN_VERSION;

}  // namespace postern::daemon
