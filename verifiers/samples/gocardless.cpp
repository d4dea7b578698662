#include "verifiers/gocardless.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

struct Sketch {
    std::string_view resource;
    std::string_view action;
    std::string_view cause;
};

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_created: return Sketch{"payments", "created", "payment_created"};
        case EventType::payment_succeeded:
            return Sketch{"payments", "confirmed", "payment_confirmed"};
        case EventType::payment_failed: return Sketch{"payments", "failed", "insufficient_funds"};
        case EventType::payment_canceled:
            return Sketch{"payments", "cancelled", "payment_cancelled"};
        case EventType::payment_action_completed:
            return Sketch{"payments", "customer_approval_granted", "customer_approval_granted"};
        case EventType::dispute_created:
            return Sketch{"payments", "charged_back", "refund_requested"};
        case EventType::dispute_updated:
            return Sketch{"payments", "chargeback_settled", "chargeback_settled"};
        case EventType::dispute_closed:
            return Sketch{"payments", "chargeback_cancelled", "chargeback_cancelled"};
        case EventType::refund_created: return Sketch{"refunds", "created", "refund_created"};
        case EventType::refund_succeeded: return Sketch{"refunds", "paid", "refund_paid"};
        case EventType::refund_failed: return Sketch{"refunds", "failed", "refund_failed"};
        case EventType::payout_paid: return Sketch{"payouts", "paid", "payout_paid"};
        case EventType::payment_captured:
        case EventType::payment_requires_action:
        case EventType::payout_created:
        case EventType::payout_failed: return std::nullopt;
    }
    return std::nullopt;
}

void write_link(JsonWriter& writer, std::string_view resource, const SampleWish& wish) {
    writer.key("links");
    writer.begin_object();
    if (resource == "payments") writer.member("payment", sample_id("PM", wish));
    if (resource == "refunds") writer.member("refund", sample_id("RF", wish));
    if (resource == "payouts") writer.member("payout", sample_id("PO", wish));
    writer.end_object();
}

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.key("events");
    writer.begin_array();
    writer.begin_object();
    writer.member("id", sample_id("EV", wish));
    writer.member("created_at", to_iso8601(wish.now));
    writer.member("resource_type", sketch.resource);
    writer.member("action", sketch.action);
    write_link(writer, sketch.resource, wish);
    writer.key("details");
    writer.begin_object();
    writer.member("origin", "gocardless");
    writer.member("cause", sketch.cause);
    writer.end_object();
    writer.key("metadata");
    writer.begin_object();
    writer.end_object();
    writer.end_object();
    writer.end_array();
    writer.key("meta");
    writer.begin_object();
    writer.member("webhook_id", sample_id("WB", wish));
    writer.end_object();
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook>
sample_gocardless(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish.type);
    const std::string secret = first_text_setting(settings, "webhook_secrets");
    if (!sketch || secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish);
    const HmacKey key{HashAlgorithm::sha256, secret};
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "gocardless-webhook-service/1.1"},
        {"Origin", "https://api-sandbox.gocardless.com"},
        {"Webhook-Signature", to_hex(key.sign({webhook.body}))},
    };
    return webhook;
}

SettingTable sandbox_settings_gocardless() {
    return {{"webhook_secrets", text_list({random_secret("")})}};
}

}  // namespace postern::verifiers
