#include "verifiers/onerway.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/onerway_notification.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

constexpr std::string_view kUtc = "+00:00";

struct Sketch {
    std::string_view transaction;  // empty: a chargeback
    std::string_view status;
    std::string_view response_code = "20000";
};

std::optional<Sketch> sketch_of(const SampleWish& wish) {
    switch (wish.type) {
        case EventType::payment_succeeded: return Sketch{"SALE", "S"};
        case EventType::payment_failed: return Sketch{"SALE", "F", "50005"};
        case EventType::payment_captured: return Sketch{"CAPTURE", "S"};
        case EventType::payment_canceled: return Sketch{"VOID", "S"};
        case EventType::payment_requires_action: return Sketch{"SALE", "R"};
        case EventType::refund_created: return Sketch{"REFUND", "P"};
        case EventType::refund_succeeded: return Sketch{"REFUND", "S"};
        case EventType::refund_failed: return Sketch{"REFUND", "F", "50030"};
        case EventType::dispute_created: return Sketch{"", "NEW"};
        case EventType::dispute_updated: return Sketch{"", "FA"};
        case EventType::dispute_closed: return Sketch{"", wish.outcome == "won" ? "FAS" : "ACCEPT"};
        case EventType::payment_created:
        case EventType::payment_action_completed:
        case EventType::payout_created:
        case EventType::payout_paid:
        case EventType::payout_failed: return std::nullopt;
    }
    return std::nullopt;
}

// "2025-06-16 02:59:54" of "2025-06-16T02:59:54.000Z"
std::string local_time(TimePoint at) {
    std::string text = to_iso8601(at);
    text[text.find('T')] = ' ';
    text.resize(text.find('.'));
    return text;
}

void write_transaction(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    const bool failed = sketch.status == "F";
    std::string reason;
    JsonWriter reason_writer{reason};
    reason_writer.begin_object();
    reason_writer.member(
        "respCode", failed ? wished(wish.reason, sketch.response_code) : sketch.response_code
    );
    reason_writer.end_object();
    writer.member("notifyType", "TXN");
    writer.member("txnType", sketch.transaction);
    const std::string made_up = sample_id("order-", wish);
    writer.member("merchantTxnId", wished(wish.merchant_reference, made_up));
    writer.member("txnTime", local_time(moment_of(wish)));
    writer.member("txnTimeZone", kUtc);
    writer.member("orderAmount", decimal_amount(wish.amount, wish.currency).value_or("0"));
    writer.member("orderCurrency", wish.currency);
    writer.member("status", sketch.status);
    writer.member("reason", reason);
    writer.member("paymentMethod", "VISA");
}

void write_chargeback(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    writer.member("notifyType", "CHARGEBACK");
    writer.member("chargebackAmount", decimal_amount(wish.amount, wish.currency).value_or("0"));
    writer.member("chargebackCurrency", wish.currency);
    writer.member("chargebackStatus", sketch.status);
    if (wish.merchant_reference) writer.member("originMerchantTxnId", *wish.merchant_reference);
    writer.member("chargebackCode", wished(wish.reason, "10.4"));
    writer.member("chargebackReason", "Other Fraud-Card Absent Environment");
}

// A sale is the payment itself; everything else is a transaction of its own about one.
std::string transaction_id(const Sketch& sketch, const SampleWish& wish) {
    if (sketch.transaction == "SALE") return payment_id_of(wish, "");
    if (sketch.transaction == "REFUND") return refund_id_of(wish, "");
    if (sketch.transaction.empty()) return dispute_id_of(wish, "");
    return sample_id("", wish);
}

struct Signer {
    std::string merchant_number;
    std::string secret;
};

std::string write_body(const Sketch& sketch, const SampleWish& wish, const Signer& signer) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("transactionId", transaction_id(sketch, wish));
    writer.member("originTransactionId", payment_id_of(wish, "1"));
    writer.member("merchantNo", signer.merchant_number);
    if (sketch.transaction.empty()) {
        write_chargeback(writer, sketch, wish);
    } else {
        write_transaction(writer, sketch, wish);
    }
    std::string unsigned_body = body;
    unsigned_body += '}';
    const auto document = JsonDocument::parse(unsigned_body);
    const std::string text =
        document ? onerway_signed_text(document->root()).value_or("") : std::string{};
    writer.member("sign", to_hex(hash(HashAlgorithm::sha256, {text, signer.secret})));
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook> sample_onerway(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish);
    const Signer signer{
        .merchant_number = first_text_setting(settings, "merchant_no"),
        .secret = first_text_setting(settings, "secrets")};
    if (!sketch || signer.secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish, signer);
    webhook.headers = {{"Content-Type", "application/json"}};
    return webhook;
}

SettingTable sandbox_settings_onerway() {
    return {
        {"merchant_no", {std::string{"800209"}}},
        {"secrets", text_list({random_secret("")})},
    };
}

}  // namespace postern::verifiers
