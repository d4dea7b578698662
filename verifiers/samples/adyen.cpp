#include "verifiers/adyen.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/adyen_events.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

constexpr std::string_view kAccount = "PosternSandbox";
constexpr std::string_view kReference = "1001";

struct Sketch {
    std::string_view event_code;
    std::string_view success;
    std::string_view reason;
};

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_succeeded: return Sketch{"AUTHORISATION", "true", ""};
        case EventType::payment_failed: return Sketch{"AUTHORISATION", "false", "Refused"};
        case EventType::payment_captured: return Sketch{"CAPTURE", "true", ""};
        case EventType::payment_canceled: return Sketch{"CANCELLATION", "true", ""};
        case EventType::refund_succeeded: return Sketch{"REFUND", "true", ""};
        case EventType::refund_failed:
            return Sketch{"REFUND", "false", "Insufficient balance on payment"};
        case EventType::dispute_created:
            return Sketch{"CHARGEBACK", "true", "Fraudulent Processing of Transactions"};
        case EventType::dispute_updated: return Sketch{"INFORMATION_SUPPLIED", "true", ""};
        case EventType::dispute_closed: return Sketch{"CHARGEBACK_REVERSED", "true", "Fraud"};
        case EventType::payout_paid: return Sketch{"PAYOUT_THIRDPARTY", "true", ""};
        case EventType::payout_failed:
            return Sketch{"PAYOUT_THIRDPARTY", "false", "Invalid account number"};
        case EventType::payment_created:
        case EventType::payment_requires_action:
        case EventType::payment_action_completed:
        case EventType::refund_created:
        case EventType::payout_created: return std::nullopt;
    }
    return std::nullopt;
}

struct Item {
    Sketch sketch;
    std::string reference;
    std::string original_reference;
    std::int64_t amount = 0;
    std::string currency;
};

std::string signature_of(const Item& item, std::string_view key_bytes) {
    const HmacKey key{HashAlgorithm::sha256, key_bytes};
    const std::string amount = std::to_string(item.amount);
    return to_base64(key.sign(
        {item.reference,
         ":",
         item.original_reference,
         ":",
         kAccount,
         ":",
         kReference,
         ":",
         amount,
         ":",
         item.currency,
         ":",
         item.sketch.event_code,
         ":",
         item.sketch.success}
    ));
}

void write_amount(JsonWriter& writer, std::int64_t value, std::string_view currency) {
    writer.key("amount");
    writer.begin_object();
    writer.member("currency", currency);
    writer.member_integer("value", value);
    writer.end_object();
}

std::string write_batch(const Item& item, std::string_view signature, TimePoint now) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("live", "false");
    writer.key("notificationItems");
    writer.begin_array();
    writer.begin_object();
    writer.key("NotificationRequestItem");
    writer.begin_object();
    writer.key("additionalData");
    writer.begin_object();
    writer.member("hmacSignature", signature);
    writer.end_object();
    write_amount(writer, item.amount, item.currency);
    writer.member("eventCode", item.sketch.event_code);
    writer.member("eventDate", to_iso8601(now));
    writer.member("merchantAccountCode", kAccount);
    writer.member("merchantReference", kReference);
    if (!item.original_reference.empty()) {
        writer.member("originalReference", item.original_reference);
    }
    writer.member("paymentMethod", "visa");
    writer.member("pspReference", item.reference);
    writer.member("reason", item.sketch.reason);
    writer.member("success", item.sketch.success);
    writer.end_object();
    writer.end_object();
    writer.end_array();
    writer.end_object();
    return body;
}

// Only a platform webhook can say that a payout is under way.
std::string write_transfer(const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.key("data");
    writer.begin_object();
    write_amount(writer, sample_minor_units(wish, adyen_exponent(wish.currency)), wish.currency);
    writer.member("balancePlatform", kAccount);
    writer.member("category", "bank");
    writer.member("direction", "outgoing");
    writer.member("id", upper_case(sample_id("", wish)));
    writer.member("reason", "approved");
    writer.member("reference", kReference);
    writer.member_integer("sequenceNumber", 1);
    writer.member("status", "received");
    writer.member("type", "bankTransfer");
    writer.end_object();
    writer.member("environment", "test");
    writer.member("timestamp", to_iso8601(wish.now));
    writer.member("type", "balancePlatform.transfer.created");
    writer.end_object();
    return body;
}

std::string key_bytes_setting(const SettingTable& settings, std::string_view key) {
    return from_hex(first_text_setting(settings, key)).value_or("");
}

std::optional<SampleWebhook> sample_transfer(const SettingTable& settings, const SampleWish& wish) {
    const std::string key_bytes = key_bytes_setting(settings, "platform_hmac_keys");
    if (key_bytes.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_transfer(wish);
    const HmacKey key{HashAlgorithm::sha256, key_bytes};
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "Adyen HttpClient 1.0"},
        {"Protocol", "HmacSHA256"},
        {"HmacSignature", to_base64(key.sign({webhook.body}))},
    };
    return webhook;
}

Item item_for(const Sketch& sketch, const SampleWish& wish) {
    const std::string id = upper_case(sample_id("", wish));
    Item item{
        .sketch = sketch,
        .reference = id,
        .original_reference = {},
        .amount = sample_minor_units(wish, adyen_exponent(wish.currency)),
        .currency = wish.currency};
    const bool stands_alone =
        sketch.event_code == "AUTHORISATION" || sketch.event_code == "PAYOUT_THIRDPARTY";
    if (!stands_alone) {
        item.original_reference = id;
        item.reference = "M" + id;
    }
    return item;
}

}  // namespace

std::optional<SampleWebhook> sample_adyen(const SettingTable& settings, const SampleWish& wish) {
    if (wish.type == EventType::payout_created) return sample_transfer(settings, wish);
    const auto sketch = sketch_of(wish.type);
    const std::string key_bytes = key_bytes_setting(settings, "hmac_keys");
    if (!sketch || key_bytes.empty()) return std::nullopt;
    const Item item = item_for(*sketch, wish);
    SampleWebhook webhook;
    webhook.body = write_batch(item, signature_of(item, key_bytes), wish.now);
    webhook.headers = {
        {"Content-Type", "application/json; charset=utf-8"},
        {"User-Agent", "Adyen HttpClient 1.0"},
    };
    return webhook;
}

SettingTable sandbox_settings_adyen() {
    constexpr std::size_t key_bytes = 32;
    return {
        {"hmac_keys", text_list({upper_case(to_hex(random_bytes(key_bytes)))})},
        {"platform_hmac_keys", text_list({upper_case(to_hex(random_bytes(key_bytes)))})},
    };
}

}  // namespace postern::verifiers
