#include "verifiers/razorpay.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

struct Sketch {
    std::string_view razorpay_type;
    std::string_view entity;
    std::string_view id_prefix;
    std::string_view status;
};

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_succeeded:
            return Sketch{"payment.captured", "payment", "pay_", "captured"};
        case EventType::payment_failed:
            return Sketch{"payment.failed", "payment", "pay_", "failed"};
        case EventType::refund_created:
            return Sketch{"refund.created", "refund", "rfnd_", "pending"};
        case EventType::refund_succeeded:
            return Sketch{"refund.processed", "refund", "rfnd_", "processed"};
        case EventType::refund_failed: return Sketch{"refund.failed", "refund", "rfnd_", "failed"};
        case EventType::dispute_created:
            return Sketch{"payment.dispute.created", "dispute", "disp_", "open"};
        case EventType::dispute_updated:
            return Sketch{"payment.dispute.under_review", "dispute", "disp_", "under_review"};
        case EventType::dispute_closed:
            return Sketch{"payment.dispute.won", "dispute", "disp_", "won"};
        case EventType::payout_created:
            return Sketch{"payout.initiated", "payout", "pout_", "processing"};
        case EventType::payout_paid:
            return Sketch{"payout.processed", "payout", "pout_", "processed"};
        case EventType::payout_failed: return Sketch{"payout.failed", "payout", "pout_", "failed"};
        case EventType::payment_created:
        case EventType::payment_captured:
        case EventType::payment_canceled:
        case EventType::payment_requires_action:
        case EventType::payment_action_completed: return std::nullopt;
    }
    return std::nullopt;
}

void write_details(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    if (sketch.entity == "refund" || sketch.entity == "dispute") {
        writer.member("payment_id", sample_id("pay_", wish));
    }
    if (sketch.entity == "dispute") writer.member("reason_code", "chargeback");
    if (sketch.entity == "payout") writer.member("reference_id", "1001");
    if (wish.type == EventType::payment_failed) {
        writer.member("error_code", "BAD_REQUEST_ERROR");
        writer.member("error_reason", "payment_failed");
    }
    if (wish.type == EventType::payout_failed) {
        writer.key("status_details");
        writer.begin_object();
        writer.member("reason", "beneficiary_bank_rejected");
        writer.end_object();
    }
    if (sketch.entity == "payment") {
        writer.key("notes");
        writer.begin_object();
        writer.member("order_id", "1001");
        writer.end_object();
    }
}

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    const std::int64_t created = unix_seconds(wish.now);
    writer.begin_object();
    writer.member("entity", "event");
    writer.member("account_id", "acc_sandbox");
    writer.member("event", sketch.razorpay_type);
    writer.key("contains");
    writer.begin_array();
    writer.string(sketch.entity);
    writer.end_array();
    writer.key("payload");
    writer.begin_object();
    writer.key(sketch.entity);
    writer.begin_object();
    writer.key("entity");
    writer.begin_object();
    writer.member("id", sample_id(sketch.id_prefix, wish));
    writer.member("entity", sketch.entity);
    writer.member_integer("amount", sample_minor_units(wish, iso_exponent(wish.currency)));
    writer.member("currency", wish.currency);
    writer.member("status", sketch.status);
    write_details(writer, sketch, wish);
    writer.member_integer("created_at", created);
    writer.end_object();
    writer.end_object();
    writer.end_object();
    writer.member_integer("created_at", created);
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook> sample_razorpay(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish.type);
    const std::string secret = first_text_setting(settings, "webhook_secrets");
    if (!sketch || secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish);
    const HmacKey key{HashAlgorithm::sha256, secret};
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "Razorpay-Webhook/v1"},
        {"X-Razorpay-Event-Id", sample_id("", wish)},
        {"X-Razorpay-Signature", to_hex(key.sign({webhook.body}))},
    };
    return webhook;
}

SettingTable sandbox_settings_razorpay() {
    return {{"webhook_secrets", text_list({random_secret("")})}};
}

}  // namespace postern::verifiers
