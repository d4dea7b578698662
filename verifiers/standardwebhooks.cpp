#include "verifiers/standardwebhooks.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_map.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/shared_secrets.hpp"

#include <array>

namespace postern::verifiers {
namespace {

// Svix wrote the scheme first and still sends its own names.
struct HeaderNames {
    std::string_view id;
    std::string_view timestamp;
    std::string_view signature;
};
constexpr std::array kHeaderNames = {
    HeaderNames{"webhook-id", "webhook-timestamp", "webhook-signature"},
    HeaderNames{"svix-id", "svix-timestamp", "svix-signature"},
};

constexpr std::string_view kPublicKeyPrefix = "whpk_";
constexpr std::string_view kPrivateKeyPrefix = "whsk_";
constexpr std::size_t kSecretBytesLeast = 16;  // the specification wants 24 to 64
constexpr std::size_t kSignaturesMax = 32;     // more in one header is an attack on our time
constexpr int kNoContent = 204;

struct SignedHead {
    std::string_view id;
    std::string_view timestamp;
    std::vector<std::string_view> signatures;  // fields, each a list
};

// All three from one family of names, for a mixture of two is nobody's message.
std::optional<SignedHead> signed_head(const SignedRequest& request) {
    for (const HeaderNames& names : kHeaderNames) {
        SignedHead head{
            .id = request.fields.value_or_empty(names.id),
            .timestamp = request.fields.value_or_empty(names.timestamp),
            .signatures = {}};
        if (head.id.empty() || head.timestamp.empty()) continue;
        for (const std::string_view value : request.fields.all(names.signature)) {
            if (value.empty()) continue;
            request.note(names.signature, value);
            head.signatures.push_back(value);
        }
        if (!head.signatures.empty()) return head;
    }
    return std::nullopt;
}

// Raw bytes, by scheme.
struct OfferedSignatures {
    std::vector<std::string> hmac;     // v1
    std::vector<std::string> ed25519;  // v1a
};

// "v1,<base64> v1a,<base64> …". Versions that we do not know are no error: a sender may be moving
// on to one.
OfferedSignatures offered_signatures(const SignedHead& head) {
    OfferedSignatures offered;
    std::size_t seen = 0;
    for (std::string_view rest : head.signatures) {
        while (!rest.empty() && seen < kSignaturesMax) {
            const auto space = rest.find(' ');
            const std::string_view part = rest.substr(0, space);
            rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
            const auto comma = part.find(',');
            if (comma == std::string_view::npos) continue;
            ++seen;
            auto signature = from_base64(part.substr(comma + 1));
            if (!signature) continue;
            const std::string_view version = part.substr(0, comma);
            if (version == "v1") offered.hmac.push_back(std::move(*signature));
            if (version == "v1a") offered.ed25519.push_back(std::move(*signature));
        }
    }
    return offered;
}

struct StandardWebhooksSettings {
    std::vector<std::string> secrets;
    std::vector<PublicKey> public_keys;
    std::chrono::seconds tolerance;
    EventMap events;
};

class StandardWebhooksProvider final : public Provider {
 public:
    explicit StandardWebhooksProvider(StandardWebhooksSettings settings)
        : secret_count_{settings.secrets.size()},
          secrets_{HashAlgorithm::sha256, settings.secrets},
          public_keys_{std::move(settings.public_keys)},
          tolerance_{settings.tolerance},
          events_{std::move(settings.events)} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        const auto head = signed_head(request);
        if (!head) return VerifyFailure::missing_header;
        const auto signed_at = parse_unix_time(head->timestamp, TimestampUnit::seconds);
        if (!signed_at || request.body.empty()) return VerifyFailure::malformed;
        request.note("id", head->id);
        request.note("timestamp", head->timestamp);
        request.note("signed text", "<id>.<timestamp>.<raw body>; v1 is HMAC-SHA256, base64");
        const auto key = matching_key(*head, request.body);
        if (!key) return VerifyFailure::bad_signature;
        if (!within_tolerance(request.received_at, *signed_at, tolerance_)) {
            return VerifyFailure::timestamp_out_of_tolerance;
        }
        return Verified{.key_index = *key};
    }

    // The id header is signed and stays the same over retries, so it is the event's id unless the
    // operator named a better one within the body.
    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        ProviderEvent event = events_.read(document->root());
        const auto head = signed_head(request);
        if (event.id.empty() && head) event.id = head->id;
        Normalised normalised;
        normalised.events.push_back(std::move(event));
        return normalised;
    }

    VerifyCost verify_cost() const override {
        return public_keys_.empty() ? VerifyCost::short_enough_for_io_thread
                                    : VerifyCost::long_enough_for_worker;
    }

    std::optional<ProviderReply> acknowledgement(const SignedRequest&) const override {
        return ProviderReply{.status = kNoContent};
    }

 private:
    // Secrets are counted first, then public keys.
    std::optional<std::size_t> matching_key(const SignedHead& head, std::string_view body) const {
        const OfferedSignatures offered = offered_signatures(head);
        const auto secret = secrets_.match({head.id, ".", head.timestamp, ".", body}, offered.hmac);
        if (secret) return secret;
        if (offered.ed25519.empty() || public_keys_.empty()) return std::nullopt;
        std::string message{head.id};
        message += '.';
        message += head.timestamp;
        message += '.';
        message += body;
        for (std::size_t i = 0; i < public_keys_.size(); ++i) {
            for (const std::string& signature : offered.ed25519) {
                if (public_keys_[i].verify_ed25519(message, signature)) return secret_count_ + i;
            }
        }
        return std::nullopt;
    }

    std::size_t secret_count_;
    SharedSecrets secrets_;
    std::vector<PublicKey> public_keys_;
    std::chrono::seconds tolerance_;
    EventMap events_;
};

std::vector<PublicKey> read_public_keys(SettingsReader& reader) {
    std::vector<PublicKey> keys;
    for (const std::string& setting : reader.texts("public_keys")) {
        std::string_view text = setting;
        if (text.starts_with(kPrivateKeyPrefix)) {
            reader.complain(
                "public_keys", "holds a private key (whsk_), which belongs to the sender"
            );
            continue;
        }
        if (text.starts_with(kPublicKeyPrefix)) text.remove_prefix(kPublicKeyPrefix.size());
        const auto raw = from_base64(text);
        auto key = PublicKey::ed25519(raw ? *raw : std::string{});
        if (key) {
            keys.push_back(std::move(*key));
        } else {
            reader.complain("public_keys", "must be whpk_ and the base64 of 32 bytes");
        }
    }
    return keys;
}

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_standardwebhooks(const SettingTable& settings) {
    SettingsReader reader{settings, "standardwebhooks"};
    const SecretRules rules{
        .encoding = SecretEncoding::base64,
        .optional_prefix = "whsec_",
        .bytes_min = kSecretBytesLeast};
    StandardWebhooksSettings read{
        .secrets = optional_secrets(reader, "secrets", rules),
        .public_keys = read_public_keys(reader),
        .tolerance = read_tolerance(reader),
        .events = read_event_map(reader, {})};
    if (!reader.has("secrets") && !reader.has("public_keys")) {
        reader.complain("secrets", "is required, unless there are public_keys");
    }
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    if (read.secrets.empty() && read.public_keys.empty()) {
        return Complaint{"standardwebhooks: secrets is an empty list, which would match nothing"};
    }
    return std::make_unique<StandardWebhooksProvider>(std::move(read));
}

}  // namespace postern::verifiers
