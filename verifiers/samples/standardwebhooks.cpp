#include "verifiers/standardwebhooks.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "verifiers/event_map.hpp"
#include "verifiers/samples/event_map_sample.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::size_t kSandboxSecretBytes = 32;

}  // namespace

std::optional<SampleWebhook>
sample_standardwebhooks(const SettingTable& settings, const SampleWish& wish) {
    const std::string secret = first_text_setting(settings, "secrets");
    std::string_view encoded = secret;
    if (encoded.starts_with(kSecretPrefix)) encoded.remove_prefix(kSecretPrefix.size());
    const auto key_bytes = from_base64(encoded);
    SettingsReader reader{settings, "standardwebhooks"};
    auto body = sample_body(read_event_map(reader, {}), wish);
    if (!body || !key_bytes || key_bytes->empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = std::move(*body);
    const std::string id = sample_id("msg_", wish);
    const std::string timestamp = std::to_string(unix_seconds(wish.now));
    const HmacKey key{HashAlgorithm::sha256, *key_bytes};
    std::string signature = "v1,";
    signature += to_base64(key.sign({id, ".", timestamp, ".", webhook.body}));
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"webhook-id", id},
        {"webhook-timestamp", timestamp},
        {"webhook-signature", std::move(signature)},
    };
    return webhook;
}

SettingTable sandbox_settings_standardwebhooks() {
    std::string secret{kSecretPrefix};
    secret += to_base64(random_bytes(kSandboxSecretBytes));
    return {{"secrets", text_list({secret})}};
}

}  // namespace postern::verifiers
