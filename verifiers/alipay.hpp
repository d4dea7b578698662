#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

#include <string>
#include <utility>
#include <vector>

namespace postern::verifiers {

Result<std::unique_ptr<Provider>, Complaint> make_alipay(const SettingTable& settings);
std::optional<SampleWebhook> sample_alipay(const SettingTable& settings, const SampleWish& wish);
SettingTable sandbox_settings_alipay();

using AlipayParameters = std::vector<std::pair<std::string, std::string>>;

enum class AlipaySignType { left_out, kept };

// What Alipay signs: the decoded parameters in the order of their names, joined as "k=v&k=v".
std::string alipay_signed_text(const AlipayParameters& parameters, AlipaySignType sign_type);

}  // namespace postern::verifiers
