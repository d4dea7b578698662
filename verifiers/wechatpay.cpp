#include "verifiers/wechatpay.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_document.hpp"
#include "core/money.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_ids.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/shared_secrets.hpp"

namespace postern::verifiers {
namespace {

constexpr std::string_view kTimestampHeader = "wechatpay-timestamp";
constexpr std::string_view kNonceHeader = "wechatpay-nonce";
constexpr std::string_view kSerialHeader = "wechatpay-serial";
constexpr std::string_view kSignatureHeader = "wechatpay-signature";
constexpr std::string_view kProbePrefix = "WECHATPAY/SIGNTEST/";
constexpr std::string_view kAlgorithm = "AEAD_AES_256_GCM";
constexpr std::size_t kApiKeyBytes = 32;

struct PlatformKey {
    std::string serial;
    PublicKey key;
};

// "Refund" and "transfer" resources name no currency, for there is only one.
void set_fen(UnifiedEvent& event, JsonValue currency, JsonValue minor) {
    const std::string_view code = currency.string();
    set_currency(event, code.empty() ? std::string_view{"CNY"} : code);
    set_minor_amount(event, minor, iso_exponent(event.currency));
}

std::optional<UnifiedEvent> unify_transaction(EventType type, JsonValue resource) {
    // A combined payment is several in one notice, with ids of its own: nothing to say as one.
    if (resource["sub_orders"].is_array()) return std::nullopt;
    UnifiedEvent event{.type = type};
    const JsonValue amount = resource["amount"];
    event.gateway_payment_id = resource["transaction_id"].string();
    event.merchant_reference = resource["out_trade_no"].string();
    set_fen(event, amount["currency"], amount["total"]);
    if (type == EventType::payment_failed) event.reason = resource["trade_state"].string();
    return event;
}

std::optional<UnifiedEvent> unify_refund(EventType type, JsonValue resource) {
    UnifiedEvent event{.type = type};
    const JsonValue amount = resource["amount"];
    event.gateway_refund_id = resource["refund_id"].string();
    event.gateway_payment_id = resource["transaction_id"].string();
    event.merchant_reference = resource["out_trade_no"].string();
    set_fen(event, amount["currency"], amount["refund"]);
    if (type == EventType::refund_failed) event.reason = resource["refund_status"].string();
    return event;
}

// Complaints name neither payment nor amount; both are to be asked for.
std::optional<UnifiedEvent> unify_complaint(EventType type, JsonValue resource) {
    UnifiedEvent event{.type = type};
    event.gateway_dispute_id = resource["complaint_id"].string();
    event.reason = resource["action_type"].string();
    return event;
}

std::optional<UnifiedEvent> unify_transfer(JsonValue resource) {
    const std::string_view state = resource["state"].string();
    const bool paid = state == "SUCCESS";
    // Any other word is not an end that we know.
    if (!paid && state != "FAIL" && state != "CANCELLED") return std::nullopt;
    UnifiedEvent event{.type = paid ? EventType::payout_paid : EventType::payout_failed};
    event.gateway_payout_id = resource["transfer_bill_no"].string();
    event.merchant_reference = resource["out_bill_no"].string();
    set_fen(event, resource["currency"], resource["transfer_amount"]);
    event.reason = resource["fail_reason"].string();
    return event;
}

std::optional<UnifiedEvent> unify(std::string_view type, JsonValue resource) {
    if (type == "TRANSACTION.SUCCESS") {
        return unify_transaction(EventType::payment_succeeded, resource);
    }
    if (type == "TRANSACTION.FAIL") return unify_transaction(EventType::payment_failed, resource);
    if (type == "REFUND.SUCCESS") return unify_refund(EventType::refund_succeeded, resource);
    if (type == "REFUND.ABNORMAL" || type == "REFUND.CLOSED") {
        return unify_refund(EventType::refund_failed, resource);
    }
    if (type == "COMPLAINT.CREATE") return unify_complaint(EventType::dispute_created, resource);
    if (type == "COMPLAINT.STATE_CHANGE") {
        return unify_complaint(EventType::dispute_updated, resource);
    }
    if (type == "MCHTRANSFER.BILL.FINISHED") return unify_transfer(resource);
    return std::nullopt;
}

class WechatpayProvider final : public Provider {
 public:
    struct Options {
        std::vector<PlatformKey> platform_keys;
        std::vector<std::string> api_keys;
        std::chrono::seconds tolerance;
    };

    explicit WechatpayProvider(Options options) : options_{std::move(options)} {}

    VerifyCost verify_cost() const override { return VerifyCost::long_enough_for_worker; }

    // RSA over "timestamp\nnonce\nbody\n" with the one key that the serial names: trying others
    // would let the holder of a retired key go on.
    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        const std::string_view timestamp = request.fields.value_or_empty(kTimestampHeader);
        const std::string_view nonce = request.fields.value_or_empty(kNonceHeader);
        const std::string_view serial = request.fields.value_or_empty(kSerialHeader);
        const std::string_view signature = request.fields.value_or_empty(kSignatureHeader);
        if (timestamp.empty() || nonce.empty() || serial.empty() || signature.empty()) {
            return VerifyFailure::missing_header;
        }
        request.note("Wechatpay-Serial", serial);
        request.note("Wechatpay-Timestamp", timestamp);
        request.note("Wechatpay-Nonce", nonce);
        request.note("Wechatpay-Signature", signature);
        const auto signed_at = parse_unix_time(timestamp, TimestampUnit::seconds);
        if (!signed_at || request.body.empty()) return VerifyFailure::malformed;
        const auto key = key_index(serial);
        if (!key) return VerifyFailure::unknown_key;
        request.note("signed text", "<timestamp>\\n<nonce>\\n<raw body>\\n, RSA with SHA-256");
        const auto bytes = from_base64(signature);
        const Pieces message = {timestamp, "\n", nonce, "\n", request.body, "\n"};
        const PublicKey& public_key = options_.platform_keys[*key].key;
        if (!bytes || !public_key.verify(HashAlgorithm::sha256, message, *bytes)) {
            return VerifyFailure::bad_signature;
        }
        if (!within_tolerance(request.received_at, *signed_at, options_.tolerance)) {
            return VerifyFailure::timestamp_out_of_tolerance;
        }
        return Verified{.key_index = *key};
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto envelope = JsonDocument::parse(request.body);
        if (!envelope || !envelope->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue root = envelope->root();
        const auto plain = open_resource(root["resource"]);
        if (!plain) return NormaliseFailure::undecryptable;
        const auto document = JsonDocument::parse(*plain);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue resource = document->root();
        const std::string_view type = root["event_type"].string();
        Normalised normalised;
        normalised.account = first_text(resource["mchid"], resource["mch_id"]);
        auto unified = unify(type, resource);
        if (unified) read_occurred_at(*unified, root["create_time"]);
        normalised.events.push_back(ProviderEvent{
            .id = event_id_or_digest({.id = root["id"].text(), .sent = request.body}),
            .type = std::string{type},
            .unified = std::move(unified)});
        return normalised;
    }

    std::optional<ProviderReply> acknowledgement(const SignedRequest&) const override {
        return ProviderReply{204, {}, {}};
    }

    std::optional<ProviderReply> refusal(VerifyFailure) const override {
        return ProviderReply{401, "application/json", R"({"code":"FAIL","message":"失败"})"};
    }

    // Sent now and then to see whether we look at signatures at all.
    bool is_probe(const SignedRequest& request) const override {
        return request.fields.value_or_empty(kSignatureHeader).starts_with(kProbePrefix);
    }

 private:
    std::optional<std::size_t> key_index(std::string_view serial) const {
        for (std::size_t i = 0; i < options_.platform_keys.size(); ++i) {
            if (equal_ignoring_case(options_.platform_keys[i].serial, serial)) return i;
        }
        return std::nullopt;
    }

    std::optional<std::string> open_resource(JsonValue resource) const {
        if (resource["algorithm"].string() != kAlgorithm) return std::nullopt;
        const auto sealed = from_base64(resource["ciphertext"].string());
        if (!sealed) return std::nullopt;
        for (const std::string& key : options_.api_keys) {
            auto plain = decrypt_aes_256_gcm(
                {.key = key,
                 .nonce = resource["nonce"].string(),
                 .associated_data = resource["associated_data"].string(),
                 .text = *sealed}
            );
            if (plain) return plain;
        }
        return std::nullopt;
    }

    Options options_;
};

std::vector<PlatformKey> read_platform_keys(SettingsReader& reader) {
    constexpr std::string_view setting = "platform_keys";
    std::vector<PlatformKey> keys;
    for (const SettingTable& entry : reader.tables(setting)) {
        SettingsReader entry_reader{entry, "an entry"};
        std::string serial = entry_reader.required_text("serial");
        const std::string pem = entry_reader.required_text("pem");
        for (const std::string& complaint : entry_reader.finish()) {
            reader.complain(setting, complaint);
        }
        if (serial.empty() || pem.empty()) continue;
        auto key = PublicKey::parse(pem);
        if (key) {
            keys.push_back({std::move(serial), std::move(*key)});
        } else {
            reader.complain(setting, key.error().message);
        }
    }
    if (keys.empty()) {
        reader.complain(setting, "needs at least one {serial, pem}: WeChat Pay's, not our own");
    }
    return keys;
}

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_wechatpay(const SettingTable& settings) {
    SettingsReader reader{settings, "wechatpay"};
    WechatpayProvider::Options options;
    // Asked for so that the operator may keep them beside the keys they belong to; what they would
    // guard is guarded by the APIv3 key, which is the merchant's alone.
    reader.text("mchid", {});
    reader.text("appid", {});
    options.api_keys = required_secrets(
        reader, "api_v3_key", {.bytes_min = kApiKeyBytes, .bytes_max = kApiKeyBytes}
    );
    options.platform_keys = read_platform_keys(reader);
    options.tolerance = read_tolerance(reader);
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<WechatpayProvider>(std::move(options));
}

}  // namespace postern::verifiers
