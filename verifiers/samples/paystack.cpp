#include "verifiers/paystack.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

struct Sketch {
    std::string_view paystack_type;
    std::string_view status;
};

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_succeeded: return Sketch{"charge.success", "success"};
        case EventType::payment_failed: return Sketch{"invoice.payment_failed", "pending"};
        case EventType::refund_created: return Sketch{"refund.pending", "pending"};
        case EventType::refund_succeeded: return Sketch{"refund.processed", "processed"};
        case EventType::refund_failed: return Sketch{"refund.failed", "failed"};
        case EventType::dispute_created:
        case EventType::dispute_updated: {
            const bool created = type == EventType::dispute_created;
            return Sketch{
                created ? "charge.dispute.create" : "charge.dispute.remind",
                "awaiting-merchant-feedback"};
        }
        case EventType::dispute_closed: return Sketch{"charge.dispute.resolve", "resolved"};
        case EventType::payout_paid: return Sketch{"transfer.success", "success"};
        case EventType::payout_failed: return Sketch{"transfer.failed", "failed"};
        case EventType::payment_created:
        case EventType::payment_captured:
        case EventType::payment_canceled:
        case EventType::payment_requires_action:
        case EventType::payment_action_completed:
        case EventType::payout_created: return std::nullopt;
    }
    return std::nullopt;
}

void write_payment(JsonWriter& writer, const SampleWish& wish) {
    writer.member_integer("amount", sample_minor_units(wish, iso_exponent(wish.currency)));
    if (wish.type == EventType::payment_failed) {
        writer.member("invoice_code", sample_id("INV_", wish));
    } else {
        writer.member("id", sample_id("", wish));
        writer.member("reference", sample_id("PST", wish));
        writer.member("paid_at", to_iso8601(wish.now));
        writer.member("currency", wish.currency);
    }
}

void write_refund(JsonWriter& writer, const SampleWish& wish) {
    const std::int64_t amount = sample_minor_units(wish, iso_exponent(wish.currency));
    writer.member("amount", std::to_string(amount));  // a text, in refunds only
    writer.member("currency", wish.currency);
    writer.member("transaction_reference", sample_id("PST", wish));
    writer.member("refund_reference", sample_id("TRF_", wish));
}

void write_dispute(JsonWriter& writer, const SampleWish& wish) {
    writer.member("id", sample_id("", wish));
    writer.member_integer("refund_amount", sample_minor_units(wish, iso_exponent(wish.currency)));
    writer.member("currency", wish.currency);
    writer.member("category", "chargeback");
    if (wish.type == EventType::dispute_closed) writer.member("resolution", "declined");
    writer.key("transaction");
    writer.begin_object();
    writer.member("id", sample_id("7", wish));
    writer.member("reference", sample_id("PST", wish));
    writer.end_object();
    writer.member("created_at", to_iso8601(wish.now));
    writer.member("updated_at", to_iso8601(wish.now));
}

void write_payout(JsonWriter& writer, const SampleWish& wish) {
    writer.member_integer("amount", sample_minor_units(wish, iso_exponent(wish.currency)));
    writer.member("currency", wish.currency);
    writer.member("id", sample_id("", wish));
    writer.member("transfer_code", sample_id("TRF_", wish));
    writer.member("reference", "payout-1001");
}

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("event", sketch.paystack_type);
    writer.key("data");
    writer.begin_object();
    writer.member("domain", "test");
    writer.member("status", sketch.status);
    switch (subject_of(wish.type)) {
        case EventSubject::payment: write_payment(writer, wish); break;
        case EventSubject::refund: write_refund(writer, wish); break;
        case EventSubject::dispute: write_dispute(writer, wish); break;
        case EventSubject::payout: write_payout(writer, wish); break;
    }
    writer.end_object();
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook> sample_paystack(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish.type);
    const std::string secret = first_text_setting(settings, "secret_keys");
    if (!sketch || secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish);
    const HmacKey key{HashAlgorithm::sha512, secret};
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"X-Paystack-Signature", to_hex(key.sign({webhook.body}))},
    };
    return webhook;
}

SettingTable sandbox_settings_paystack() {
    return {{"secret_keys", text_list({random_secret("sk_test_")})}};
}

}  // namespace postern::verifiers
