#include "verifiers/braintree.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

// Ruby's base64 encoder, which Braintree uses, ends a line after so many characters.
constexpr std::size_t kPayloadLineBytes = 60;

void append_tag(std::string& xml, std::string_view name, std::string_view text) {
    xml += '<';
    xml += name;
    xml += '>';
    xml += text;
    xml += "</";
    xml += name;
    xml += '>';
}

std::string in_tag(std::string_view name, std::string_view content) {
    std::string xml;
    append_tag(xml, name, content);
    return xml;
}

std::string transaction_xml(const SampleWish& wish, std::string_view status) {
    std::string xml;
    append_tag(xml, "id", sample_id("", wish));
    append_tag(xml, "status", status);
    append_tag(xml, "type", wish.type == EventType::refund_failed ? "credit" : "sale");
    append_tag(xml, "currency-iso-code", wish.currency);
    append_tag(xml, "amount", wish.amount);
    append_tag(xml, "order-id", "1001");
    if (wish.type == EventType::refund_failed) {
        append_tag(xml, "refunded-transaction-id", sample_id("r", wish));
    }
    return in_tag("transaction", xml);
}

std::string local_payment_xml(const SampleWish& wish, std::string_view element) {
    std::string xml;
    append_tag(xml, "payment-id", sample_id("pay-", wish));
    if (wish.type == EventType::payment_action_completed) xml += transaction_xml(wish, "settling");
    return in_tag(element, xml);
}

std::string dispute_xml(const SampleWish& wish, std::string_view status) {
    std::string xml;
    append_tag(xml, "amount", wish.amount);
    append_tag(xml, "amount-disputed", wish.amount);
    append_tag(xml, "currency-iso-code", wish.currency);
    append_tag(xml, "kind", "chargeback");
    append_tag(xml, "status", status);
    append_tag(xml, "reason", "fraud");
    append_tag(xml, "id", sample_id("d", wish));
    xml += transaction_xml(wish, "settled");
    return in_tag("dispute", xml);
}

std::string disbursement_xml(const SampleWish& wish) {
    const bool paid = wish.type == EventType::payout_paid;
    std::string xml;
    append_tag(xml, "id", sample_id("b", wish));
    append_tag(xml, "success", paid ? "true" : "false");
    append_tag(xml, "merchant-account", in_tag("currency-iso-code", wish.currency));
    append_tag(xml, "amount", wish.amount);
    append_tag(xml, "exception-message", paid ? "" : "bank_rejected");
    return in_tag("disbursement", xml);
}

struct Sketch {
    std::string_view kind;
    std::string subject;
};

std::optional<Sketch> sketch_of(const SampleWish& wish) {
    switch (wish.type) {
        case EventType::payment_succeeded:
            return Sketch{"transaction_settled", transaction_xml(wish, "settled")};
        case EventType::payment_failed:
            return Sketch{
                "transaction_settlement_declined", transaction_xml(wish, "settlement_declined")};
        case EventType::payment_canceled:
            return Sketch{
                "local_payment_expired", local_payment_xml(wish, "local-payment-expired")};
        case EventType::payment_action_completed:
            return Sketch{"local_payment_completed", local_payment_xml(wish, "local-payment")};
        case EventType::refund_failed:
            return Sketch{"refund_failed", transaction_xml(wish, "processor_declined")};
        case EventType::dispute_created: return Sketch{"dispute_opened", dispute_xml(wish, "open")};
        case EventType::dispute_updated:
            return Sketch{"dispute_under_review", dispute_xml(wish, "under_review")};
        case EventType::dispute_closed: return Sketch{"dispute_won", dispute_xml(wish, "won")};
        case EventType::payout_paid:
        case EventType::payout_failed: return Sketch{"disbursement", disbursement_xml(wish)};
        case EventType::payment_created:
        case EventType::payment_captured:
        case EventType::payment_requires_action:
        case EventType::refund_created:
        case EventType::refund_succeeded:
        case EventType::payout_created: return std::nullopt;
    }
    return std::nullopt;
}

std::string payload_of(const Sketch& sketch, const SampleWish& wish) {
    std::string notification;
    append_tag(notification, "kind", sketch.kind);
    // Braintree's clock ticks in whole seconds.
    append_tag(
        notification, "timestamp", to_iso8601(std::chrono::floor<std::chrono::seconds>(wish.now))
    );
    append_tag(notification, "subject", sketch.subject);
    std::string xml = R"(<?xml version="1.0" encoding="UTF-8"?>)";
    xml += '\n';
    append_tag(xml, "notification", notification);
    const std::string base64 = to_base64(xml);
    std::string payload;
    for (std::size_t i = 0; i < base64.size(); i += kPayloadLineBytes) {
        payload += std::string_view{base64}.substr(i, kPayloadLineBytes);
        payload += '\n';
    }
    return payload;
}

struct KeyPair {
    std::string public_key;
    std::string private_key;
};

std::optional<KeyPair> first_key_pair(const SettingTable& settings) {
    const auto found = settings.find("keys");
    if (found == settings.end()) return std::nullopt;
    const auto* list = std::get_if<SettingList>(&found->second.value);
    if (list == nullptr || list->empty()) return std::nullopt;
    const auto* table = std::get_if<SettingTable>(&list->front().value);
    if (table == nullptr) return std::nullopt;
    KeyPair pair{
        .public_key = first_text_setting(*table, "public_key"),
        .private_key = first_text_setting(*table, "private_key")};
    if (pair.private_key.empty()) return std::nullopt;
    return pair;
}

}  // namespace

std::optional<SampleWebhook>
sample_braintree(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish);
    const auto pair = first_key_pair(settings);
    if (!sketch || !pair) return std::nullopt;
    const std::string payload = payload_of(*sketch, wish);
    const HmacKey key{HashAlgorithm::sha1, hash(HashAlgorithm::sha1, {pair->private_key})};
    std::string signature = pair->public_key;
    signature += '|';
    signature += to_hex(key.sign({payload}));
    SampleWebhook webhook;
    webhook.body = "bt_signature=";
    webhook.body += encode_percent(signature);
    webhook.body += "&bt_payload=";
    webhook.body += encode_percent(payload);
    webhook.headers = {
        {"Content-Type", "application/x-www-form-urlencoded"},
        {"User-Agent", "Braintree Webhooks"},
    };
    return webhook;
}

SettingTable sandbox_settings_braintree() {
    SettingTable pair{
        {"public_key", {to_hex(random_bytes(8))}}, {"private_key", {to_hex(random_bytes(16))}}};
    return {
        {"merchant_id", {std::string{"sandbox"}}},
        {"keys", {SettingList{SettingValue{std::move(pair)}}}},
    };
}

}  // namespace postern::verifiers
