#pragma once

#include "core/result.hpp"
#include "core/settings.hpp"

#include <string_view>

namespace postern::config {

// The complaint names line and column, never the text found there: a secret in the wrong place is
// a likely mistake.
Result<SettingTable, Complaint> settings_from_toml(std::string_view text);

}  // namespace postern::config
