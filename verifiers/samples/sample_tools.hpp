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

// What the wish says of it, or what is made up.
std::string_view wished(const std::optional<std::string>& wish, std::string_view otherwise);
std::string payment_id_of(const SampleWish& wish, std::string_view prefix);
std::string refund_id_of(const SampleWish& wish, std::string_view prefix);
std::string dispute_id_of(const SampleWish& wish, std::string_view prefix);
std::string payout_id_of(const SampleWish& wish, std::string_view prefix);
std::string_view reference_of(const SampleWish& wish);
TimePoint moment_of(const SampleWish& wish);  // when what it speaks of happened

// The wish's amount in minor units of that many decimals (what a provider's integers count).
std::int64_t sample_minor_units(const SampleWish& wish, int exponent);

}  // namespace postern::verifiers
