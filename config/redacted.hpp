#pragma once

#include "config/config.hpp"

#include <string>
#include <string_view>

namespace postern::config {

inline constexpr std::string_view kRedacted = "***";

// Whether a gateway's key may hold a secret. Everything does that is not known to be harmless, so
// that a misspelt key or a new provider never shows one.
bool may_be_secret(std::string_view gateway_key);

// The whole configuration as TOML that could be loaded again, but for its secrets.
std::string to_redacted_toml(const Config& config);

}  // namespace postern::config
