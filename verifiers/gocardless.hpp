#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

namespace postern::verifiers {

Result<std::unique_ptr<Provider>, Complaint> make_gocardless(const SettingTable& settings);
std::optional<SampleWebhook>
sample_gocardless(const SettingTable& settings, const SampleWish& wish);
SettingTable sandbox_settings_gocardless();

}  // namespace postern::verifiers
