#pragma once

#include "config/config.hpp"

#include <string_view>
#include <vector>

namespace postern::config {

// What no single key can show: keys that contradict each other, each with its table.
std::vector<std::string_view> contradictions(const Config& config);

}  // namespace postern::config
