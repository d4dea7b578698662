#pragma once

#include "core/settings.hpp"
#include "verifiers/sample.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace postern::verifiers {

// The first of a list of texts, or the text itself; empty when there is none.
std::string first_text_setting(const SettingTable& settings, std::string_view key);

SettingValue text_list(std::initializer_list<std::string> texts);

std::string random_secret(std::string_view prefix);  // prefix and 32 letters and digits

std::string sample_id(std::string_view prefix, const SampleWish& wish);

// The wish's amount in minor units of that many decimals (what a provider's integers count).
std::int64_t sample_minor_units(const SampleWish& wish, int exponent);

}  // namespace postern::verifiers
