#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

#include <string>
#include <string_view>

namespace postern::verifiers {

Result<std::unique_ptr<Provider>, Complaint> make_paypal(const SettingTable& settings);
std::optional<SampleWebhook> sample_paypal(const SettingTable& settings, const SampleWish& wish);
SettingTable sandbox_settings_paypal();

struct PaypalTransmission {
    std::string_view id;
    std::string_view time;
    std::string_view webhook_id;
    std::string_view body;
};

// What PayPal signs: "id|time|webhook id|crc32 of the body".
std::string paypal_signed_text(const PaypalTransmission& transmission);

}  // namespace postern::verifiers
