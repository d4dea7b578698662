#include "verifiers/paypal.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

constexpr std::string_view kPrivateKeySetting = "sandbox_private_key";
constexpr std::string_view kCertificatesSetting = "sandbox_certificates";
constexpr std::string_view kCertificateUrl =
    "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-sandbox";
constexpr std::string_view kCommonName = "messageverificationcerts.sandbox.paypal.com";
// 2020 to 2099: a sandbox has no reason to expire, whatever clock it runs under.
constexpr TimePoint kNotBefore = from_unix_seconds(1'577'836'800);
constexpr TimePoint kNotAfter = from_unix_seconds(4'070'908'800);

struct Sketch {
    std::string_view event_type;
    std::string_view resource_type;
    std::string_view status;
};

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_created:
            return Sketch{"PAYMENT.CAPTURE.PENDING", "capture", "PENDING"};
        case EventType::payment_succeeded:
            return Sketch{"PAYMENT.CAPTURE.COMPLETED", "capture", "COMPLETED"};
        case EventType::payment_failed:
            return Sketch{"PAYMENT.CAPTURE.DENIED", "capture", "DECLINED"};
        case EventType::payment_canceled:
            return Sketch{"PAYMENT.AUTHORIZATION.VOIDED", "authorization", "VOIDED"};
        case EventType::payment_action_completed:
            return Sketch{"CHECKOUT.ORDER.APPROVED", "checkout-order", "APPROVED"};
        case EventType::refund_created:
            return Sketch{"PAYMENT.REFUND.PENDING", "refund", "PENDING"};
        case EventType::refund_succeeded:
            return Sketch{"PAYMENT.CAPTURE.REFUNDED", "refund", "COMPLETED"};
        case EventType::refund_failed: return Sketch{"PAYMENT.REFUND.FAILED", "refund", "FAILED"};
        case EventType::dispute_created:
            return Sketch{"CUSTOMER.DISPUTE.CREATED", "dispute", "OPEN"};
        case EventType::dispute_updated:
            return Sketch{"CUSTOMER.DISPUTE.UPDATED", "dispute", "WAITING_FOR_SELLER_RESPONSE"};
        case EventType::dispute_closed:
            return Sketch{"CUSTOMER.DISPUTE.RESOLVED", "dispute", "RESOLVED"};
        case EventType::payout_paid:
            return Sketch{"PAYMENT.PAYOUTS-ITEM.SUCCEEDED", "payouts_item", "SUCCESS"};
        case EventType::payout_failed:
            return Sketch{"PAYMENT.PAYOUTS-ITEM.FAILED", "payouts_item", "FAILED"};
        case EventType::payment_captured:
        case EventType::payment_requires_action:
        case EventType::payout_created: return std::nullopt;
    }
    return std::nullopt;
}

void write_money(JsonWriter& writer, std::string_view name, const SampleWish& wish) {
    const bool payout = subject_of(wish.type) == EventSubject::payout;
    writer.key(name);
    writer.begin_object();
    writer.member(payout ? "currency" : "currency_code", wish.currency);
    writer.member("value", decimal_amount(wish.amount, wish.currency).value_or("0"));
    writer.end_object();
}

void write_payment(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    writer.member("id", sample_id("", wish));
    if (sketch.resource_type == "checkout-order") {
        writer.key("purchase_units");
        writer.begin_array();
        writer.begin_object();
        writer.member("custom_id", "1001");
        write_money(writer, "amount", wish);
        writer.end_object();
        writer.end_array();
    } else {
        writer.member("custom_id", "1001");
        write_money(writer, "amount", wish);
    }
    if (wish.type == EventType::payment_created || wish.type == EventType::payment_failed) {
        writer.key("status_details");
        writer.begin_object();
        writer.member("reason", "ECHECK");
        writer.end_object();
    }
}

void write_refund(JsonWriter& writer, const SampleWish& wish) {
    writer.member("id", sample_id("R", wish));
    writer.member("custom_id", "1001");
    write_money(writer, "amount", wish);
    writer.key("links");
    writer.begin_array();
    writer.begin_object();
    writer.member("href", sample_id("https://api.sandbox.paypal.com/v2/payments/captures/", wish));
    writer.member("rel", "up");
    writer.end_object();
    writer.end_array();
}

void write_dispute(JsonWriter& writer, const SampleWish& wish) {
    writer.member("dispute_id", sample_id("PP-D-", wish));
    writer.member("reason", "MERCHANDISE_OR_SERVICE_NOT_RECEIVED");
    write_money(writer, "dispute_amount", wish);
    writer.key("disputed_transactions");
    writer.begin_array();
    writer.begin_object();
    writer.member("seller_transaction_id", sample_id("", wish));
    writer.end_object();
    writer.end_array();
    if (wish.type == EventType::dispute_closed) {
        writer.key("dispute_outcome");
        writer.begin_object();
        writer.member("outcome_code", "RESOLVED_SELLER_FAVOUR");
        writer.end_object();
    }
}

void write_payout(JsonWriter& writer, const SampleWish& wish) {
    writer.member("payout_item_id", sample_id("P", wish));
    writer.key("payout_item");
    writer.begin_object();
    write_money(writer, "amount", wish);
    writer.member("sender_item_id", "1001");
    writer.end_object();
    if (wish.type == EventType::payout_failed) {
        writer.key("errors");
        writer.begin_object();
        writer.member("name", "RECEIVER_ACCOUNT_LOCKED");
        writer.end_object();
    }
}

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("id", sample_id("WH-", wish));
    writer.member("event_version", "1.0");
    writer.member("create_time", to_iso8601(wish.now));
    writer.member("resource_type", sketch.resource_type);
    writer.member("event_type", sketch.event_type);
    writer.key("resource");
    writer.begin_object();
    writer.member("status", sketch.status);
    switch (subject_of(wish.type)) {
        case EventSubject::payment: write_payment(writer, sketch, wish); break;
        case EventSubject::refund: write_refund(writer, wish); break;
        case EventSubject::dispute: write_dispute(writer, wish); break;
        case EventSubject::payout: write_payout(writer, wish); break;
    }
    writer.end_object();
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook> sample_paypal(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish.type);
    const auto key = PrivateKey::parse(first_text_setting(settings, kPrivateKeySetting));
    const std::string webhook_id = first_text_setting(settings, "webhook_ids");
    if (!sketch || !key || webhook_id.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish);
    const std::string id = sample_id("", wish);
    const std::string time = to_iso8601(wish.now);
    const std::string text =
        paypal_signed_text({.id = id, .time = time, .webhook_id = webhook_id, .body = webhook.body}
        );
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "PayPal/AUHD-214.0"},
        {"PAYPAL-AUTH-VERSION", "v2"},
        {"PAYPAL-AUTH-ALGO", "SHA256withRSA"},
        {"PAYPAL-CERT-URL", std::string{kCertificateUrl}},
        {"PAYPAL-TRANSMISSION-ID", id},
        {"PAYPAL-TRANSMISSION-TIME", time},
        {"PAYPAL-TRANSMISSION-SIG", to_base64(key->sign(HashAlgorithm::sha256, {text}))},
    };
    return webhook;
}

SettingTable sandbox_settings_paypal() {
    const PrivateKey key = PrivateKey::generate_rsa_2048();
    const std::string pem = Certificate::make_self_signed_pem(
        key, {.common_name = kCommonName, .not_before = kNotBefore, .not_after = kNotAfter}
    );
    const SettingTable certificates{{std::string{kCertificateUrl}, {pem}}};
    return {
        {"webhook_ids", text_list({random_secret("WH")})},
        {"trusted_roots", text_list({pem})},
        {std::string{kCertificatesSetting}, {certificates}},
        {std::string{kPrivateKeySetting}, {key.to_pem()}},
    };
}

}  // namespace postern::verifiers
