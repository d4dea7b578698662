#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

namespace postern::verifiers {

Result<std::unique_ptr<Provider>, Complaint> make_generic_hmac(const SettingTable& settings);
std::optional<SampleWebhook>
sample_generic_hmac(const SettingTable& settings, const SampleWish& wish);
SettingTable sandbox_settings_generic_hmac();

}  // namespace postern::verifiers
