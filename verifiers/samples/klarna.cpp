#include "verifiers/klarna.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

struct Sketch {
    std::string_view klarna_type;
    std::string_view state;
};

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_created:
            return Sketch{"payment.request.state-change.submitted", "SUBMITTED"};
        case EventType::payment_succeeded:
            return Sketch{"payment.request.state-change.completed", "COMPLETED"};
        case EventType::payment_failed:
            return Sketch{"payment.request.state-change.declined", "DECLINED"};
        case EventType::payment_canceled:
            return Sketch{"payment.request.state-change.canceled", "CANCELED"};
        case EventType::dispute_created:
            return Sketch{"payment.dispute.state-change.initiated", "INITIATED"};
        case EventType::dispute_updated:
            return Sketch{"payment.dispute.state-change.representment", "REPRESENTMENT"};
        case EventType::dispute_closed:
            return Sketch{"payment.dispute.state-change.closed", "CLOSED"};
        case EventType::payment_captured:
        case EventType::payment_requires_action:
        case EventType::payment_action_completed:
        case EventType::refund_created:
        case EventType::refund_succeeded:
        case EventType::refund_failed:
        case EventType::payout_created:
        case EventType::payout_paid:
        case EventType::payout_failed: return std::nullopt;
    }
    return std::nullopt;
}

void write_payment(JsonWriter& writer, const SampleWish& wish) {
    writer.member("payment_request_id", sample_id("krn:payment:eu1:request:", wish));
    writer.member("payment_request_reference", "1001");
    writer.member_integer("amount", sample_minor_units(wish, iso_exponent(wish.currency)));
    writer.member("currency", wish.currency);
}

void write_dispute(JsonWriter& writer, const SampleWish& wish) {
    writer.member("payment_dispute_id", sample_id("krn:network:eu1:test:dispute:", wish));
    writer.member("payment_transaction_id", sample_id("krn:payment:eu1:transaction:", wish));
    writer.member("payment_transaction_reference", "1001");
    writer.member("dispute_reason", "REFUND_NOT_PROCESSED");
    if (wish.type == EventType::dispute_closed) writer.member("dispute_outcome", "WON");
    writer.key("dispute_details");
    writer.begin_object();
    writer.member_integer("dispute_amount", sample_minor_units(wish, iso_exponent(wish.currency)));
    writer.member("currency", wish.currency);
    writer.end_object();
}

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.key("metadata");
    writer.begin_object();
    writer.member("event_type", sketch.klarna_type);
    writer.member("event_id", sample_id("event-", wish));
    writer.member("event_version", "v2");
    writer.member("occurred_at", to_iso8601(wish.now));
    writer.member_boolean("live", false);
    writer.member("subject_account_id", "krn:partner:global:account:test:SANDBOX");
    writer.end_object();
    writer.key("payload");
    writer.begin_object();
    writer.member("state", sketch.state);
    if (subject_of(wish.type) == EventSubject::dispute) {
        write_dispute(writer, wish);
    } else {
        write_payment(writer, wish);
    }
    writer.end_object();
    writer.end_object();
    return body;
}

SettingTable first_signing_key(const SettingTable& settings) {
    const auto found = settings.find("signing_keys");
    if (found == settings.end()) return {};
    const auto* keys = std::get_if<SettingList>(&found->second.value);
    if (keys == nullptr || keys->empty()) return {};
    const auto* first = std::get_if<SettingTable>(&keys->front().value);
    return first == nullptr ? SettingTable{} : *first;
}

}  // namespace

std::optional<SampleWebhook> sample_klarna(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish.type);
    const SettingTable signing_key = first_signing_key(settings);
    const std::string key_text = first_text_setting(signing_key, "key");
    if (!sketch || key_text.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish);
    const HmacKey key{HashAlgorithm::sha256, key_text};
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "Klarna-Webhooks"},
        {"Klarna-Signing-Key-Id", first_text_setting(signing_key, "id")},
        {"Klarna-Signature", to_hex(key.sign({webhook.body}))},
    };
    return webhook;
}

SettingTable sandbox_settings_klarna() {
    const SettingTable key{
        {"id", {random_secret("krn:partner:global:notification:signing-key:")}},
        {"key", {random_secret("")}},
    };
    return {{"signing_keys", {SettingList{SettingValue{key}}}}};
}

}  // namespace postern::verifiers
