#include "verifiers/afterpay.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

// Afterpay sends webhooks about disputes only, and tells a closed one as "updated".
std::string_view afterpay_type(EventType type) {
    if (type == EventType::dispute_created) return "created";
    if (type == EventType::dispute_updated) return "updated";
    return {};
}

std::string write_body(std::string_view type, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("webhook_event_id", sample_id("event-", wish));
    writer.member("webhook_event_type", type);
    writer.member("dispute_id", sample_id("dp_", wish));
    writer.member("merchant_reference", "1001");
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook> sample_afterpay(const SettingTable& settings, const SampleWish& wish) {
    const std::string_view type = afterpay_type(wish.type);
    const std::string secret = first_text_setting(settings, "webhook_secrets");
    const std::string url = first_text_setting(settings, "notification_url");
    if (type.empty() || secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(type, wish);
    const std::string date = std::to_string(unix_seconds(wish.now));
    const HmacKey key{HashAlgorithm::sha256, secret};
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"X-Afterpay-Request-Date", date},
        {"X-Afterpay-Request-Signature",
         to_base64(key.sign({url, "\n", date, "\n", webhook.body}))},
    };
    return webhook;
}

SettingTable sandbox_settings_afterpay() {
    return {
        {"webhook_secrets", text_list({random_secret("")})},
        {"notification_url", {std::string{"http://localhost/api/v2/webhooks/afterpay"}}},
    };
}

}  // namespace postern::verifiers
