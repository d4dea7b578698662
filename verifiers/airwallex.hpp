#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

namespace postern::verifiers {

Result<std::unique_ptr<Provider>, Complaint> make_airwallex(const SettingTable& settings);
std::optional<SampleWebhook> sample_airwallex(const SettingTable& settings, const SampleWish& wish);
SettingTable sandbox_settings_airwallex();

}  // namespace postern::verifiers
