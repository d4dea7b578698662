#include "verifiers/mollie.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

struct Sketch {
    std::string_view mollie_type;
    std::string_view resource;
    std::string_view id_prefix;
    std::string_view status;
};

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_succeeded: return Sketch{"payment.paid", "payment", "tr_", "paid"};
        case EventType::payment_failed: return Sketch{"payment.failed", "payment", "tr_", "failed"};
        case EventType::payment_canceled:
            return Sketch{"payment.canceled", "payment", "tr_", "canceled"};
        case EventType::dispute_created: return Sketch{"dispute.created", "dispute", "dp_", "open"};
        case EventType::dispute_updated:
            return Sketch{"dispute.updated", "dispute", "dp_", "under-review"};
        case EventType::dispute_closed: return Sketch{"dispute.resolved", "dispute", "dp_", "won"};
        case EventType::payout_created:
            return Sketch{"payout.initiated", "payout", "payout_", "initiated"};
        case EventType::payout_paid:
            return Sketch{"payout.completed", "payout", "payout_", "completed"};
        case EventType::payout_failed:
            return Sketch{"payout.failed", "payout", "payout_", "failed"};
        case EventType::payment_created:
        case EventType::payment_captured:
        case EventType::payment_requires_action:
        case EventType::payment_action_completed:
        case EventType::refund_created:
        case EventType::refund_succeeded:
        case EventType::refund_failed: return std::nullopt;
    }
    return std::nullopt;
}

void write_entity(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    writer.begin_object();
    writer.member("resource", sketch.resource);
    writer.member("id", sample_id(sketch.id_prefix, wish));
    writer.member("mode", "test");
    writer.member("createdAt", to_iso8601(wish.now));
    writer.key("amount");
    writer.begin_object();
    writer.member("value", wish.amount);
    writer.member("currency", wish.currency);
    writer.end_object();
    writer.member("status", sketch.status);
    if (sketch.resource == "dispute") {
        writer.member("paymentId", sample_id("tr_", wish));
        writer.member("reason", "fraud");
    }
    if (sketch.resource == "payment") {
        writer.key("metadata");
        writer.begin_object();
        writer.member("order_id", "1001");
        writer.end_object();
    }
    if (wish.type == EventType::payment_failed) {
        writer.key("details");
        writer.begin_object();
        writer.member("failureReason", "insufficient_funds");
        writer.end_object();
    }
    writer.end_object();
}

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("resource", "event");
    writer.member("id", sample_id("event_", wish));
    writer.member("type", sketch.mollie_type);
    writer.member("entityId", sample_id(sketch.id_prefix, wish));
    writer.member("createdAt", to_iso8601(wish.now));
    writer.key("_embedded");
    writer.begin_object();
    writer.key("entity");
    write_entity(writer, sketch, wish);
    writer.end_object();
    writer.end_object();
    return body;
}

}  // namespace

// Next-gen only: a classic webhook carries no signature, so nothing here could make one that holds.
std::optional<SampleWebhook> sample_mollie(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish.type);
    const std::string secret = first_text_setting(settings, "signing_secrets");
    if (!sketch || secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish);
    const HmacKey key{HashAlgorithm::sha256, secret};
    std::string signature = "sha256=";
    signature += to_hex(key.sign({webhook.body}));
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "Mollie.com HTTP client/1.0"},
        {"X-Mollie-Signature", std::move(signature)},
    };
    return webhook;
}

SettingTable sandbox_settings_mollie() {
    return {{"signing_secrets", text_list({random_secret("")})}};
}

}  // namespace postern::verifiers
