#include "verifiers/airwallex.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

struct Sketch {
    std::string_view name;
    std::string_view id_prefix;
    std::string_view status;
};

Sketch closed_dispute(const SampleWish& wish) {
    if (wish.outcome == "lost") return {"payment_dispute.lost", "dst_", "LOST"};
    return {"payment_dispute.won", "dst_", "WON"};
}

std::optional<Sketch> sketch_of(const SampleWish& wish) {
    switch (wish.type) {
        case EventType::payment_created:
            return Sketch{"payment_intent.created", "int_", "REQUIRES_PAYMENT_METHOD"};
        case EventType::payment_succeeded:
            return Sketch{"payment_intent.succeeded", "int_", "SUCCEEDED"};
        case EventType::payment_failed:
            return Sketch{"payment_attempt.authorization_failed", "att_", "FAILED"};
        case EventType::payment_captured:
            return Sketch{"payment_attempt.capture_requested", "att_", "CAPTURE_REQUESTED"};
        case EventType::payment_canceled:
            return Sketch{"payment_intent.cancelled", "int_", "CANCELLED"};
        case EventType::payment_requires_action:
            return Sketch{
                "payment_intent.requires_customer_action", "int_", "REQUIRES_CUSTOMER_ACTION"};
        case EventType::payment_action_completed: return std::nullopt;
        case EventType::refund_created: return Sketch{"refund.received", "rfd_", "RECEIVED"};
        case EventType::refund_succeeded: return Sketch{"refund.settled", "rfd_", "SETTLED"};
        case EventType::refund_failed: return Sketch{"refund.failed", "rfd_", "FAILED"};
        case EventType::dispute_created:
            return Sketch{"payment_dispute.requires_response", "dst_", "REQUIRES_RESPONSE"};
        case EventType::dispute_updated:
            return Sketch{"payment_dispute.challenged", "dst_", "CHALLENGED"};
        case EventType::dispute_closed: return closed_dispute(wish);
        case EventType::payout_created: return Sketch{"payout.transfer.scheduled", "", "SCHEDULED"};
        case EventType::payout_paid: return Sketch{"payout.transfer.paid", "", "PAID"};
        case EventType::payout_failed: return Sketch{"payout.transfer.failed", "", "FAILED"};
    }
    return std::nullopt;
}

void write_details(JsonWriter& writer, const SampleWish& wish) {
    switch (wish.type) {
        case EventType::payment_failed:
            writer.member("failure_code", wished(wish.reason, "authorization_failed"));
            break;
        case EventType::payment_canceled:
            writer.member("cancellation_reason", wished(wish.reason, "Order cancelled"));
            break;
        case EventType::payment_requires_action:
            writer.key("next_action");
            writer.begin_object();
            writer.member("type", wished(wish.reason, "redirect"));
            writer.member("method", "GET");
            writer.end_object();
            break;
        case EventType::refund_failed:
            writer.member("failure_code", wished(wish.reason, "refund_rejected_by_acquirer"));
            break;
        case EventType::dispute_created:
        case EventType::dispute_updated:
        case EventType::dispute_closed:
            writer.key("reason");
            writer.begin_object();
            writer.member("type", wished(wish.reason, "FRAUD"));
            writer.member("original_code", "10.4");
            writer.end_object();
            break;
        case EventType::payout_failed:
            writer.member("failure_type", wished(wish.reason, "INVALID_BENEFICIARY_DETAIL"));
            break;
        case EventType::payment_created:
        case EventType::payment_succeeded:
        case EventType::payment_captured:
        case EventType::payment_action_completed:
        case EventType::refund_created:
        case EventType::refund_succeeded:
        case EventType::payout_created:
        case EventType::payout_paid: break;
    }
}

std::string object_id(const Sketch& sketch, const SampleWish& wish) {
    if (sketch.id_prefix == "att_") return sample_id("att_", wish);
    switch (subject_of(wish.type)) {
        case EventSubject::payment: return payment_id_of(wish, sketch.id_prefix);
        case EventSubject::refund: return refund_id_of(wish, sketch.id_prefix);
        case EventSubject::dispute: return dispute_id_of(wish, sketch.id_prefix);
        case EventSubject::payout: return payout_id_of(wish, sketch.id_prefix);
    }
    return {};
}

void write_object(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    const bool payout = subject_of(wish.type) == EventSubject::payout;
    const std::string amount =
        decimal_amount(wish.amount, wish.currency).value_or(std::string{"0"});
    writer.begin_object();
    writer.member("id", object_id(sketch, wish));
    writer.member("request_id", sample_id("req-", wish));
    if (sketch.id_prefix != "int_" && !payout) {
        writer.member("payment_intent_id", payment_id_of(wish, "int_"));
    }
    writer.key(payout ? "transfer_amount" : "amount");
    writer.raw(amount);
    writer.member(payout ? "transfer_currency" : "currency", wish.currency);
    if (wish.type == EventType::payment_succeeded || wish.type == EventType::payment_captured) {
        writer.key("captured_amount");
        writer.raw(amount);
    }
    if (!payout) writer.member("merchant_order_id", reference_of(wish));
    writer.member("status", sketch.status);
    write_details(writer, wish);
    writer.member("created_at", to_iso8601(moment_of(wish)));
    writer.end_object();
}

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("id", sample_id("evt_", wish));
    writer.member("name", sketch.name);
    writer.member("account_id", "acct_sandbox");
    writer.key("data");
    // Payouts lie directly in "data", everything else one object deeper.
    if (subject_of(wish.type) == EventSubject::payout) {
        write_object(writer, sketch, wish);
    } else {
        writer.begin_object();
        writer.key("object");
        write_object(writer, sketch, wish);
        writer.end_object();
    }
    writer.member("created_at", to_iso8601(moment_of(wish)));
    writer.member("version", "2025-04-25");
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook>
sample_airwallex(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish);
    const std::string secret = first_text_setting(settings, "webhook_secrets");
    if (!sketch || secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish);
    const std::string timestamp = std::to_string(unix_milliseconds(wish.now));
    const HmacKey key{HashAlgorithm::sha256, secret};
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "Airwallex-Webhook/1.0"},
        {"x-timestamp", timestamp},
        {"x-signature", to_hex(key.sign({timestamp, webhook.body}))},
    };
    return webhook;
}

SettingTable sandbox_settings_airwallex() {
    return {{"webhook_secrets", text_list({random_secret("whsec_")})}};
}

}  // namespace postern::verifiers
