#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

namespace postern::verifiers {

Result<std::unique_ptr<Provider>, Complaint> make_razorpay(const SettingTable& settings);
std::optional<SampleWebhook> sample_razorpay(const SettingTable& settings, const SampleWish& wish);
SettingTable sandbox_settings_razorpay();

}  // namespace postern::verifiers
