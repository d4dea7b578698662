#include "verifiers/wechatpay.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

constexpr std::string_view kMerchant = "1900000109";
constexpr std::size_t kNonceCharacters = 12;
constexpr std::size_t kSerialDigits = 22;

struct Sketch {
    std::string_view event_type;
    std::string_view original_type;
    std::string_view state;
};

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_succeeded:
            return Sketch{"TRANSACTION.SUCCESS", "transaction", "SUCCESS"};
        case EventType::payment_failed:
            return Sketch{"TRANSACTION.FAIL", "transaction", "PAYERROR"};
        case EventType::refund_succeeded: return Sketch{"REFUND.SUCCESS", "refund", "SUCCESS"};
        case EventType::refund_failed: return Sketch{"REFUND.ABNORMAL", "refund", "ABNORMAL"};
        case EventType::dispute_created:
            return Sketch{"COMPLAINT.CREATE", "complaint", "CREATE_COMPLAINT"};
        case EventType::dispute_updated:
            return Sketch{"COMPLAINT.STATE_CHANGE", "complaint", "USER_RESPONSE"};
        case EventType::payout_paid:
            return Sketch{"MCHTRANSFER.BILL.FINISHED", "mch_payment", "SUCCESS"};
        case EventType::payout_failed:
            return Sketch{"MCHTRANSFER.BILL.FINISHED", "mch_payment", "FAIL"};
        case EventType::payment_created:
        case EventType::payment_captured:
        case EventType::payment_canceled:
        case EventType::payment_requires_action:
        case EventType::payment_action_completed:
        case EventType::refund_created:
        case EventType::dispute_closed:
        case EventType::payout_created: return std::nullopt;
    }
    return std::nullopt;
}

std::int64_t minor_units_of(const SampleWish& wish) {
    return sample_minor_units(wish, iso_exponent(wish.currency));
}

// A failure's state is its reason; a success has no other.
std::string_view state_of(const Sketch& sketch, const SampleWish& wish) {
    return sketch.state == "SUCCESS" ? sketch.state : wished(wish.reason, sketch.state);
}

void write_payment(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    const bool refund = sketch.original_type == "refund";
    writer.member("mchid", kMerchant);
    writer.member("out_trade_no", reference_of(wish));
    writer.member("transaction_id", payment_id_of(wish, "4200"));
    if (refund) {
        writer.member("refund_id", refund_id_of(wish, "50"));
        writer.member("out_refund_no", sample_id("RFD", wish));
    }
    writer.member(refund ? "refund_status" : "trade_state", state_of(sketch, wish));
    writer.key("amount");
    writer.begin_object();
    writer.member_integer("total", minor_units_of(wish));
    if (refund) writer.member_integer("refund", minor_units_of(wish));
    writer.member("currency", wish.currency);
    writer.end_object();
}

void write_transfer(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    writer.member("mch_id", kMerchant);
    const std::string made_up = sample_id("plfk", wish);
    writer.member("out_bill_no", wished(wish.merchant_reference, made_up));
    writer.member("transfer_bill_no", payout_id_of(wish, "1330"));
    writer.member("state", sketch.state);
    writer.member_integer("transfer_amount", minor_units_of(wish));
    const std::string_view failure = wished(wish.reason, "PAYEE_ACCOUNT_ABNORMAL");
    writer.member("fail_reason", sketch.state == "FAIL" ? failure : std::string_view{});
}

std::string write_resource(const Sketch& sketch, const SampleWish& wish) {
    std::string resource;
    JsonWriter writer{resource};
    writer.begin_object();
    if (sketch.original_type == "complaint") {
        writer.member("complaint_id", dispute_id_of(wish, "2002"));
        writer.member("action_type", wished(wish.reason, sketch.state));
    } else if (sketch.original_type == "mch_payment") {
        write_transfer(writer, sketch, wish);
    } else {
        write_payment(writer, sketch, wish);
    }
    writer.end_object();
    return resource;
}

std::string write_body(const Sketch& sketch, const SampleWish& wish, std::string_view api_key) {
    const std::string nonce = to_hex(random_bytes(kNonceCharacters / 2));
    const std::string sealed = encrypt_aes_256_gcm(
        {.key = api_key,
         .nonce = nonce,
         .associated_data = sketch.original_type,
         .text = write_resource(sketch, wish)}
    );
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("id", sample_id("", wish));
    writer.member("create_time", to_iso8601(moment_of(wish)));
    writer.member("resource_type", "encrypt-resource");
    writer.member("event_type", sketch.event_type);
    writer.key("resource");
    writer.begin_object();
    writer.member("original_type", sketch.original_type);
    writer.member("algorithm", "AEAD_AES_256_GCM");
    writer.member("ciphertext", to_base64(sealed));
    writer.member("associated_data", sketch.original_type);
    writer.member("nonce", nonce);
    writer.end_object();
    writer.end_object();
    return body;
}

std::string random_digits(std::size_t count) {
    std::string digits;
    for (const char byte : random_bytes(count)) {
        digits += static_cast<char>('0' + static_cast<unsigned char>(byte) % 10);
    }
    return digits;
}

// WeChat Pay's public key mode names its key so.
constexpr std::string_view kSerialSetting = "sandbox_serial";
constexpr std::string_view kPrivateKeySetting = "sandbox_private_key";

}  // namespace

std::optional<SampleWebhook>
sample_wechatpay(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish.type);
    const auto key = PrivateKey::parse(first_text_setting(settings, kPrivateKeySetting));
    const std::string api_key = first_text_setting(settings, "api_v3_key");
    if (!sketch || !key || api_key.size() != 32) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish, api_key);
    const std::string timestamp = std::to_string(unix_seconds(wish.now));
    const std::string nonce = sample_id("", wish);
    const std::string signature = to_base64(
        key->sign(HashAlgorithm::sha256, {timestamp, "\n", nonce, "\n", webhook.body, "\n"})
    );
    webhook.headers = {
        {"Content-Type", "application/json"},
        {"Wechatpay-Nonce", nonce},
        {"Wechatpay-Serial", first_text_setting(settings, kSerialSetting)},
        {"Wechatpay-Signature", signature},
        {"Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"},
        {"Wechatpay-Timestamp", timestamp},
    };
    return webhook;
}

SettingTable sandbox_settings_wechatpay() {
    const PrivateKey key = PrivateKey::generate_rsa_2048();
    const std::string serial = "PUB_KEY_ID_" + random_digits(kSerialDigits);
    const SettingTable platform_key{{"serial", {serial}}, {"pem", {key.public_key_pem()}}};
    return {
        {"mchid", {std::string{kMerchant}}},
        {"api_v3_key", {random_secret("")}},
        {"platform_keys", {SettingList{SettingValue{platform_key}}}},
        {std::string{kSerialSetting}, {serial}},
        {std::string{kPrivateKeySetting}, {key.to_pem()}},
    };
}

}  // namespace postern::verifiers
