#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

namespace postern::verifiers {

Result<std::unique_ptr<Provider>, Complaint> make_stripe(const SettingTable& settings);
std::optional<SampleWebhook> sample_stripe(const SettingTable& settings, const SampleWish& wish);
SettingTable sandbox_settings_stripe();

// How many decimals Stripe's integer amounts have in a currency.
int stripe_exponent(std::string_view currency);

// Stripe's event object in our words, for Stripe itself and for those who speak its dialect.
Result<Normalised, NormaliseFailure> normalise_stripe_event(std::string_view body);

}  // namespace postern::verifiers
