#include "verifiers/square.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

struct Sketch {
    std::string_view square_type;
    std::string_view object;
    std::string_view status;
};

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_created: return Sketch{"payment.created", "payment", "PENDING"};
        case EventType::payment_succeeded: return Sketch{"payment.updated", "payment", "COMPLETED"};
        case EventType::payment_failed: return Sketch{"payment.updated", "payment", "FAILED"};
        case EventType::payment_canceled: return Sketch{"payment.updated", "payment", "CANCELED"};
        case EventType::refund_created: return Sketch{"refund.created", "refund", "PENDING"};
        case EventType::refund_succeeded: return Sketch{"refund.updated", "refund", "COMPLETED"};
        case EventType::refund_failed: return Sketch{"refund.updated", "refund", "FAILED"};
        case EventType::dispute_created:
            return Sketch{"dispute.created", "dispute", "INQUIRY_EVIDENCE_REQUIRED"};
        case EventType::dispute_updated:
            return Sketch{"dispute.state.updated", "dispute", "PROCESSING"};
        case EventType::dispute_closed: return Sketch{"dispute.state.updated", "dispute", "WON"};
        case EventType::payout_created: return Sketch{"payout.sent", "payout", "SENT"};
        case EventType::payout_paid: return Sketch{"payout.paid", "payout", "PAID"};
        case EventType::payout_failed: return Sketch{"payout.failed", "payout", "FAILED"};
        case EventType::payment_captured:
        case EventType::payment_requires_action:
        case EventType::payment_action_completed: return std::nullopt;
    }
    return std::nullopt;
}

void write_subject(JsonWriter& writer, const SampleWish& wish) {
    switch (subject_of(wish.type)) {
        case EventSubject::payment: writer.member("reference_id", "1001"); break;
        case EventSubject::refund:
            writer.member("payment_id", sample_id("sq", wish));
            writer.member("reason", "Returned goods");
            break;
        case EventSubject::dispute:
            writer.key("disputed_payment");
            writer.begin_object();
            writer.member("payment_id", sample_id("sq", wish));
            writer.end_object();
            writer.member("reason", "NO_KNOWLEDGE");
            break;
        case EventSubject::payout: break;
    }
    if (wish.type != EventType::payment_failed) return;
    writer.key("card_details");
    writer.begin_object();
    writer.key("errors");
    writer.begin_array();
    writer.begin_object();
    writer.member("category", "PAYMENT_METHOD_ERROR");
    writer.member("code", "GENERIC_DECLINE");
    writer.end_object();
    writer.end_array();
    writer.end_object();
}

void write_object(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    writer.begin_object();
    writer.member("id", sample_id(sketch.object == "payment" ? "sq" : sketch.object, wish));
    writer.key("amount_money");
    writer.begin_object();
    writer.member_integer("amount", sample_minor_units(wish, iso_exponent(wish.currency)));
    writer.member("currency", wish.currency);
    writer.end_object();
    writer.member(sketch.object == "dispute" ? "state" : "status", sketch.status);
    writer.member("location_id", "LSANDBOX");
    writer.member("created_at", to_iso8601(wish.now));
    write_subject(writer, wish);
    writer.end_object();
}

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("merchant_id", "MSANDBOX");
    writer.member("type", sketch.square_type);
    writer.member("event_id", sample_id("", wish));
    writer.member("created_at", to_iso8601(wish.now));
    writer.key("data");
    writer.begin_object();
    writer.member("type", sketch.object);
    writer.key("object");
    writer.begin_object();
    writer.key(sketch.object);
    write_object(writer, sketch, wish);
    writer.end_object();
    writer.end_object();
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook> sample_square(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish.type);
    const std::string secret = first_text_setting(settings, "signature_keys");
    const std::string url = first_text_setting(settings, "notification_url");
    if (!sketch || secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish);
    const HmacKey key{HashAlgorithm::sha256, secret};
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "Square Connect v2"},
        {"square-environment", "Sandbox"},
        {"square-retry-number", "0"},
        {"x-square-hmacsha256-signature", to_base64(key.sign({url, webhook.body}))},
    };
    return webhook;
}

SettingTable sandbox_settings_square() {
    return {
        {"signature_keys", text_list({random_secret("")})},
        // Only signed, never opened: any URL serves as long as both sides know the same one.
        {"notification_url", {std::string{"https://sandbox.invalid/webhooks/square"}}},
    };
}

}  // namespace postern::verifiers
