#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

namespace postern::verifiers {

Result<std::unique_ptr<Provider>, Complaint> make_afterpay(const SettingTable& settings);
std::optional<SampleWebhook> sample_afterpay(const SettingTable& settings, const SampleWish& wish);
SettingTable sandbox_settings_afterpay();

}  // namespace postern::verifiers
