#include "verifiers/onerway.hpp"

#include "core/crypto.hpp"
#include "core/json_document.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_ids.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/offered_digests.hpp"
#include "verifiers/onerway_notification.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/shared_secrets.hpp"
#include "verifiers/stripe.hpp"
#include "verifiers/timed_signature.hpp"

namespace postern::verifiers {
namespace {

constexpr std::string_view kEventHeader = "onerway-signature";
constexpr std::string_view kTaxSignatureHeader = "x-signature";
constexpr std::string_view kTaxTimestampHeader = "x-timestamp";

// Three products, three schemes. Headers choose, and each scheme proves itself with a secret, so
// choosing gains a forger nothing.
enum class Scheme { signed_values, tax_webhook, event_webhook };

class OnerwayProvider final : public Provider {
 public:
    struct Options {
        std::string merchant_number;
        std::vector<std::string> secrets;
        std::vector<std::string> webhook_secrets;
        std::chrono::seconds tolerance;
    };

    explicit OnerwayProvider(Options options)
        : webhook_secrets_{HashAlgorithm::sha256, options.webhook_secrets},
          options_{std::move(options)} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        switch (scheme_of(request)) {
            case Scheme::signed_values: return verify_values(request);
            case Scheme::tax_webhook: return verify_tax_webhook(request);
            case Scheme::event_webhook: return verify_event_webhook(request);
        }
        return VerifyFailure::malformed;
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const Scheme scheme = scheme_of(request);
        if (scheme == Scheme::event_webhook) return normalise_event_webhook(request);
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue root = document->root();
        Normalised normalised;
        normalised.account = root["merchantNo"].text();
        if (scheme == Scheme::tax_webhook) {
            // Tax matters move no money and carry no id.
            normalised.events.push_back(ProviderEvent{
                .id = event_id_or_digest({.id = {}, .sent = request.body}),
                .type = std::string{root["notifyType"].text()},
                .unified = std::nullopt});
        } else {
            normalised.events.push_back(onerway_event(root));
        }
        return normalised;
    }

    std::optional<ProviderReply> acknowledgement(const SignedRequest& request) const override {
        if (scheme_of(request) != Scheme::signed_values) return std::nullopt;
        const auto document = JsonDocument::parse(request.body);
        if (!document) return std::nullopt;
        const std::string_view id = document->root()["transactionId"].text();
        if (id.empty()) return std::nullopt;
        return ProviderReply{200, "text/plain", std::string{id}};
    }

 private:
    // Without webhook secrets the two newer schemes do not exist here.
    Scheme scheme_of(const SignedRequest& request) const {
        if (options_.webhook_secrets.empty()) return Scheme::signed_values;
        if (request.fields.find(kEventHeader)) return Scheme::event_webhook;
        if (request.fields.find(kTaxSignatureHeader) || request.fields.find(kTaxTimestampHeader)) {
            return Scheme::tax_webhook;
        }
        return Scheme::signed_values;
    }

    // SHA-256 over values and secret: no key schedule, no time, no separators. What it does not
    // protect is left to deduplication by transaction and status.
    Result<Verified, VerifyFailure> verify_values(const SignedRequest& request) const {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return VerifyFailure::malformed;
        const JsonValue root = document->root();
        const JsonValue sign = root["sign"];
        if (!sign.exists() || sign.is_null()) return VerifyFailure::missing_header;
        if (!sign.is_string()) return VerifyFailure::malformed;
        if (sign.string().empty()) return VerifyFailure::missing_header;
        request.note("sign", sign.string());
        const auto text = onerway_signed_text(root);
        if (!text) return VerifyFailure::malformed;
        request.note("merchantNo", root["merchantNo"].text());
        if (root["merchantNo"].text() != options_.merchant_number) {
            return VerifyFailure::unknown_key;
        }
        request.note("signed text", "values in the order of their names, secret, SHA-256, hex");
        const auto key =
            matching_secret(*text, offered_digests(sign.string(), DigestEncoding::hex));
        if (!key) return VerifyFailure::bad_signature;
        return Verified{.key_index = *key};
    }

    std::optional<std::size_t>
    matching_secret(std::string_view text, std::span<const std::string> offered) const {
        std::optional<std::size_t> matched;
        for (std::size_t i = 0; i < options_.secrets.size(); ++i) {
            const std::string expected = hash(HashAlgorithm::sha256, {text, options_.secrets[i]});
            for (const std::string& digest : offered) {
                if (equal_in_constant_time(expected, digest) && !matched) matched = i;
            }
        }
        return matched;
    }

    Result<Verified, VerifyFailure> verify_tax_webhook(const SignedRequest& request) const {
        const std::string_view timestamp = request.fields.value_or_empty(kTaxTimestampHeader);
        const std::string_view signature = request.fields.value_or_empty(kTaxSignatureHeader);
        if (timestamp.empty() || signature.empty()) return VerifyFailure::missing_header;
        request.note("x-timestamp", timestamp);
        request.note("x-signature", signature);
        const auto signed_at = parse_unix_time(timestamp, TimestampUnit::seconds);
        if (!signed_at || request.body.empty()) return VerifyFailure::malformed;
        request.note("signed text", "<x-timestamp>.<raw body>, HMAC-SHA256, hex");
        const auto key = webhook_secrets_.match(
            {timestamp, ".", request.body}, offered_digests(signature, DigestEncoding::hex)
        );
        if (!key) return VerifyFailure::bad_signature;
        if (!names_us(request.body)) return VerifyFailure::unknown_key;
        return within(request, {.signed_at = *signed_at, .key_index = *key});
    }

    // The header's grammar is nowhere documented; the provider's samples use it as Stripe does.
    Result<Verified, VerifyFailure> verify_event_webhook(const SignedRequest& request) const {
        const std::string_view header = request.fields.value_or_empty(kEventHeader);
        if (header.empty()) return VerifyFailure::missing_header;
        request.note("Onerway-Signature", header);
        const auto signature = parse_timed_signature(header);
        if (!signature || request.body.empty()) return VerifyFailure::malformed;
        request.note("signed text", "<t>.<raw body>, HMAC-SHA256 with the whole secret, hex");
        const auto key = webhook_secrets_.match(
            {signature->timestamp_text, ".", request.body}, signature->digests
        );
        if (!key) return VerifyFailure::bad_signature;
        return within(request, {.signed_at = signature->signed_at, .key_index = *key});
    }

    struct Proof {
        TimePoint signed_at;
        std::size_t key_index = 0;
    };

    Result<Verified, VerifyFailure> within(const SignedRequest& request, Proof proof) const {
        if (!within_tolerance(request.received_at, proof.signed_at, options_.tolerance)) {
            return VerifyFailure::timestamp_out_of_tolerance;
        }
        return Verified{.key_index = proof.key_index};
    }

    // A body that names nobody, or that is no JSON, is judged later.
    bool names_us(std::string_view body) const {
        const auto document = JsonDocument::parse(body);
        if (!document) return true;
        const std::string_view named = document->root()["merchantNo"].text();
        return named.empty() || named == options_.merchant_number;
    }

    static Result<Normalised, NormaliseFailure> normalise_event_webhook(const SignedRequest& request
    ) {
        auto normalised = normalise_stripe_event(request.body);
        if (!normalised) return normalised;
        for (ProviderEvent& event : normalised->events) {
            event.id = event_id_or_digest({.id = event.id, .sent = request.body});
        }
        return normalised;
    }

    SharedSecrets webhook_secrets_;
    Options options_;
};

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_onerway(const SettingTable& settings) {
    SettingsReader reader{settings, "onerway"};
    OnerwayProvider::Options options;
    options.merchant_number = reader.required_text("merchant_no");
    options.secrets = optional_secrets(reader, "secrets");
    options.webhook_secrets = optional_secrets(reader, "webhook_secrets");
    options.tolerance = read_tolerance(reader);
    if (!reader.has("secrets") && !reader.has("webhook_secrets")) {
        reader.complain("secrets", "or webhook_secrets is required");
    }
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<OnerwayProvider>(std::move(options));
}

}  // namespace postern::verifiers
