#include "verifiers/checkout.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

std::string_view checkout_type_of(EventType type) {
    switch (type) {
        case EventType::payment_created: return "payment_pending";
        case EventType::payment_succeeded: return "payment_approved";
        case EventType::payment_failed: return "payment_declined";
        case EventType::payment_captured: return "payment_captured";
        case EventType::payment_canceled: return "payment_canceled";
        case EventType::refund_created: return "payment_refund_pending";
        case EventType::refund_succeeded: return "payment_refunded";
        case EventType::refund_failed: return "payment_refund_declined";
        case EventType::dispute_created: return "dispute_received";
        case EventType::dispute_updated: return "dispute_evidence_submitted";
        case EventType::dispute_closed: return "dispute_won";
        case EventType::payout_paid: return "payment_paid";
        case EventType::payment_requires_action:
        case EventType::payment_action_completed:
        case EventType::payout_created:
        case EventType::payout_failed: return {};
    }
    return {};
}

void write_dispute(JsonWriter& writer, const SampleWish& wish) {
    writer.member("id", sample_id("dsp_", wish));
    writer.member("category", "fraudulent");
    writer.member("reason_code", "10.4");
    writer.member("payment_id", sample_id("pay_", wish));
    writer.member("payment_reference", "1001");
}

void write_payment(JsonWriter& writer, const SampleWish& wish) {
    const bool failed =
        wish.type == EventType::payment_failed || wish.type == EventType::refund_failed;
    writer.member("id", sample_id("pay_", wish));
    writer.member("action_id", sample_id("act_", wish));
    writer.member("response_code", failed ? "20051" : "10000");
    writer.member("response_summary", failed ? "Insufficient Funds" : "Approved");
    writer.member("reference", "1001");
}

std::string write_body(std::string_view checkout_type, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("id", sample_id("evt_", wish));
    writer.member("type", checkout_type);
    writer.member("version", "1.0.33");
    writer.member("created_on", to_iso8601(wish.now));
    writer.key("data");
    writer.begin_object();
    if (subject_of(wish.type) == EventSubject::dispute) {
        write_dispute(writer, wish);
    } else {
        write_payment(writer, wish);
    }
    writer.member_integer("amount", sample_minor_units(wish, checkout_exponent(wish.currency)));
    writer.member("currency", wish.currency);
    writer.member("processed_on", to_iso8601(wish.now));
    writer.end_object();
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook> sample_checkout(const SettingTable& settings, const SampleWish& wish) {
    const std::string_view type = checkout_type_of(wish.type);
    const std::string secret = first_text_setting(settings, "signature_keys");
    if (type.empty() || secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(type, wish);
    const HmacKey key{HashAlgorithm::sha256, secret};
    webhook.headers = {
        {"Content-Type", "application/json; charset=utf-8"},
        {"User-Agent", "Checkout.com Webhooks"},
        {"Cko-Signature", to_hex(key.sign({webhook.body}))},
    };
    std::string authorization = first_text_setting(settings, "authorization");
    if (!authorization.empty()) {
        webhook.headers.emplace_back("Authorization", std::move(authorization));
    }
    return webhook;
}

SettingTable sandbox_settings_checkout() {
    return {{"signature_keys", text_list({random_secret("")})}};
}

}  // namespace postern::verifiers
