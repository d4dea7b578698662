#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

namespace postern::verifiers {

Result<std::unique_ptr<Provider>, Complaint> make_coinbase(const SettingTable& settings);
std::optional<SampleWebhook> sample_coinbase(const SettingTable& settings, const SampleWish& wish);
SettingTable sandbox_settings_coinbase();

}  // namespace postern::verifiers
