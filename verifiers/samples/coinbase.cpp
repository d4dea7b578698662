#include "verifiers/coinbase.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

struct Sketch {
    std::string_view coinbase_type;
    std::string_view status;
};

// A chain has no refunds, disputes or payouts, and so neither has Coinbase Commerce.
std::optional<Sketch> sketch_of(EventType type) {
    if (type == EventType::payment_created) return Sketch{"charge:created", "NEW"};
    if (type == EventType::payment_succeeded) return Sketch{"charge:confirmed", "COMPLETED"};
    if (type == EventType::payment_failed) return Sketch{"charge:failed", "EXPIRED"};
    return std::nullopt;
}

void write_charge(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    writer.begin_object();
    writer.member("id", sample_id("charge-", wish));
    writer.member("code", sample_id("CODE", wish));
    writer.member("name", "Order 1001");
    writer.key("timeline");
    writer.begin_array();
    writer.begin_object();
    writer.member("time", to_iso8601(wish.now));
    writer.member("status", sketch.status);
    writer.end_object();
    writer.end_array();
    writer.key("metadata");
    writer.begin_object();
    writer.member("order_id", "1001");
    writer.end_object();
    writer.member("pricing_type", "fixed_price");
    writer.key("pricing");
    writer.begin_object();
    writer.key("local");
    writer.begin_object();
    writer.member("amount", wish.amount);
    writer.member("currency", wish.currency);
    writer.end_object();
    writer.end_object();
    writer.end_object();
}

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member_integer("attempt_number", 1);
    writer.key("event");
    writer.begin_object();
    writer.member("api_version", "2018-03-22");
    writer.member("created_at", to_iso8601(wish.now));
    writer.key("data");
    write_charge(writer, sketch, wish);
    writer.member("id", sample_id("event-", wish));
    writer.member("resource", "event");
    writer.member("type", sketch.coinbase_type);
    writer.end_object();
    writer.member("id", sample_id("delivery-", wish));
    writer.member("scheduled_for", to_iso8601(wish.now));
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook> sample_coinbase(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish.type);
    const std::string secret = first_text_setting(settings, "webhook_secrets");
    if (!sketch || secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish);
    const HmacKey key{HashAlgorithm::sha256, secret};
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "weipay-webhooks"},
        {"X-CC-Version", "2018-03-22"},
        {"X-CC-Webhook-Signature", to_hex(key.sign({webhook.body}))},
    };
    return webhook;
}

SettingTable sandbox_settings_coinbase() {
    return {{"webhook_secrets", text_list({random_secret("")})}};
}

}  // namespace postern::verifiers
