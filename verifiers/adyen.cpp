#include "verifiers/adyen.hpp"

#include "core/bytes.hpp"
#include "core/json_document.hpp"
#include "verifiers/adyen_events.hpp"
#include "verifiers/body_hmac.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/static_authorization.hpp"

#include <algorithm>

namespace postern::verifiers {
namespace {

constexpr std::string_view kSignatureHeader = "HmacSignature";
constexpr std::string_view kProtocolHeader = "Protocol";
// Adyen shows the key as hex digits, and signs with the bytes they stand for.
constexpr SecretRules kHmacKeyRules = {.encoding = SecretEncoding::hex, .bytes_min = 16};

constexpr BodyHmacScheme kPlatformScheme = {
    .header =
        {.name = kSignatureHeader,
         .encoding = DigestEncoding::base64,
         .repeated = RepeatedHeader::first_counts},
    .algorithm = HashAlgorithm::sha256,
    .signed_text = "<raw body>, HMAC-SHA256 with the platform key's bytes, base64"};

// Platform (balance platform, management) webhooks carry their signature in a header; in standard
// ones every item of the body carries its own.
bool is_platform_request(const SignedRequest& request) {
    return request.fields.find(kSignatureHeader) || request.fields.find(kProtocolHeader);
}

std::string_view signature_of(JsonValue item) {
    return item["additionalData"]["hmacSignature"].string();
}

// What is wrong with a batch before any signature is looked at.
std::optional<VerifyFailure> shape_failure(JsonValue root, const std::vector<JsonValue>& items) {
    if (items.empty()) {
        // A platform webhook that came without its headers.
        const bool platform = root["data"].is_object() && root["type"].is_string();
        return platform ? VerifyFailure::missing_header : VerifyFailure::malformed;
    }
    for (const JsonValue item : items) {
        if (!item.is_object()) return VerifyFailure::malformed;
    }
    for (const JsonValue item : items) {
        if (signature_of(item).empty()) return VerifyFailure::missing_header;
    }
    for (const JsonValue item : items) {
        if (!item["amount"].is_object()) return VerifyFailure::malformed;
    }
    return std::nullopt;
}

enum class Acknowledgement { accepted, empty };

struct AdyenSettings {
    std::vector<std::string> hmac_keys;  // decoded
    std::vector<std::string> platform_hmac_keys;
    std::vector<std::string> merchant_accounts;  // empty: any
    StaticAuthorization authorization;
    Acknowledgement acknowledgement = Acknowledgement::accepted;
};

class AdyenProvider final : public Provider {
 public:
    explicit AdyenProvider(AdyenSettings settings)
        : settings_{std::move(settings)},
          item_secrets_{HashAlgorithm::sha256, settings_.hmac_keys},
          platform_signature_{kPlatformScheme, settings_.platform_hmac_keys} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        if (settings_.authorization.is_missing(request)) return VerifyFailure::missing_header;
        const auto verdict = is_platform_request(request) ? platform_signature_.verify(request)
                                                          : verify_batch(request);
        if (verdict && !settings_.authorization.is_right(request)) {
            request.note("Authorization", "is not the configured one");
            return VerifyFailure::bad_signature;
        }
        return verdict;
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        if (is_platform_request(request)) {
            return normalise_adyen_platform(document->root(), request.body);
        }
        return normalise_adyen_items(document->root());
    }

    std::optional<ProviderReply> acknowledgement(const SignedRequest&) const override {
        if (settings_.acknowledgement == Acknowledgement::empty) return ProviderReply{202, {}, {}};
        return ProviderReply{200, "text/plain", "[accepted]"};
    }

 private:
    // One post may hold several items. All or nothing: Adyen cannot be told that half was taken.
    Result<Verified, VerifyFailure> verify_batch(const SignedRequest& request) const {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return VerifyFailure::malformed;
        const auto items = adyen_items(document->root());
        if (const auto failure = shape_failure(document->root(), items)) return *failure;
        request.note(
            "signed text of each item",
            "pspReference:originalReference:merchantAccountCode:merchantReference:amount.value:"
            "amount.currency:eventCode:success, HMAC-SHA256 with the key's bytes, base64"
        );
        Verified verified;
        for (std::size_t i = 0; i < items.size(); ++i) {
            const auto key = match_item(items[i], request);
            if (!key) return VerifyFailure::bad_signature;
            if (i == 0) verified.key_index = *key;
        }
        // Asked last: only a proved item's account can be believed.
        if (!accounts_are_ours(items, request)) return VerifyFailure::unknown_key;
        return verified;
    }

    std::optional<std::size_t> match_item(JsonValue item, const SignedRequest& request) const {
        if (request.trace != nullptr) {
            request.note("hmacSignature of " + adyen_item_id(item), signature_of(item));
        }
        return item_secrets_.match(
            {adyen_text(item["pspReference"]),
             ":",
             adyen_text(item["originalReference"]),
             ":",
             adyen_text(item["merchantAccountCode"]),
             ":",
             adyen_text(item["merchantReference"]),
             ":",
             adyen_text(item["amount"]["value"]),
             ":",
             adyen_text(item["amount"]["currency"]),
             ":",
             adyen_text(item["eventCode"]),
             ":",
             adyen_text(item["success"])},
            offered_digests(signature_of(item), DigestEncoding::base64)
        );
    }

    bool accounts_are_ours(const std::vector<JsonValue>& items, const SignedRequest& request)
        const {
        const auto& ours = settings_.merchant_accounts;
        if (ours.empty()) return true;
        for (const JsonValue item : items) {
            const std::string_view account = item["merchantAccountCode"].text();
            if (std::find(ours.begin(), ours.end(), account) != ours.end()) continue;
            request.note("not among merchant_accounts", account);
            return false;
        }
        return true;
    }

    AdyenSettings settings_;
    SharedSecrets item_secrets_;
    BodyHmac platform_signature_;
};

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_adyen(const SettingTable& settings) {
    SettingsReader reader{settings, "adyen"};
    AdyenSettings adyen{
        .hmac_keys = optional_secrets(reader, "hmac_keys", kHmacKeyRules),
        .platform_hmac_keys = optional_secrets(reader, "platform_hmac_keys", kHmacKeyRules),
        .merchant_accounts = reader.texts("merchant_accounts"),
        .authorization = static_authorization_setting(reader)};
    if (reader.one_of("acknowledgement", {"accepted", "empty"}, "accepted") == "empty") {
        adyen.acknowledgement = Acknowledgement::empty;
    }
    if (!reader.has("hmac_keys") && !reader.has("platform_hmac_keys")) {
        reader.complain("hmac_keys", "or platform_hmac_keys is required");
    }
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    if (adyen.hmac_keys.empty() && adyen.platform_hmac_keys.empty()) {
        return Complaint{"adyen: hmac_keys is required and must not be empty"};
    }
    return std::make_unique<AdyenProvider>(std::move(adyen));
}

}  // namespace postern::verifiers
