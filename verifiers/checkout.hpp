#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

namespace postern::verifiers {

Result<std::unique_ptr<Provider>, Complaint> make_checkout(const SettingTable& settings);
std::optional<SampleWebhook> sample_checkout(const SettingTable& settings, const SampleWish& wish);
SettingTable sandbox_settings_checkout();

// How many decimals Checkout.com's integer amounts have in a currency.
int checkout_exponent(std::string_view currency);

}  // namespace postern::verifiers
