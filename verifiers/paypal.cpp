#include "verifiers/paypal.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_document.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_ids.hpp"
#include "verifiers/paypal_certificate.hpp"
#include "verifiers/paypal_event.hpp"

#include <boost/crc.hpp>

namespace postern::verifiers {
namespace {

constexpr std::string_view kAlgorithm = "SHA256withRSA";

struct Headers {
    std::string_view id;
    std::string_view time;
    std::string_view signature;
    std::string_view certificate_url;
    std::string_view algorithm;

    bool complete() const {
        return !id.empty() && !time.empty() && !signature.empty() && !certificate_url.empty()
               && !algorithm.empty();
    }
};

Headers read_headers(const HttpFields& fields) {
    return {
        .id = fields.value_or_empty("paypal-transmission-id"),
        .time = fields.value_or_empty("paypal-transmission-time"),
        .signature = fields.value_or_empty("paypal-transmission-sig"),
        .certificate_url = fields.value_or_empty("paypal-cert-url"),
        .algorithm = fields.value_or_empty("paypal-auth-algo")};
}

// What can be said without a certificate, and so before anything is fetched for a stranger.
std::optional<VerifyFailure> first_failure(const Headers& headers, std::string_view body) {
    if (!headers.complete()) return VerifyFailure::missing_header;
    if (body.empty() || !equal_ignoring_case(headers.algorithm, kAlgorithm)) {
        return VerifyFailure::malformed;
    }
    return std::nullopt;
}

// The signed text holds a CRC-32 of the body, which is no cryptographic hash: whoever owns one
// genuine delivery can bend a body to fit it. Deduplication by event id and a merchant who compares
// amounts with the order are what stands behind this check.
class PaypalProvider final : public Provider {
 public:
    PaypalProvider(std::vector<std::string> webhook_ids, PaypalCertificates certificates)
        : webhook_ids_{std::move(webhook_ids)}, certificates_{std::move(certificates)} {}

    VerifyCost verify_cost() const override { return VerifyCost::long_enough_for_worker; }

    std::optional<Fetch> fetch_needed(const SignedRequest& request) const override {
        const Headers headers = read_headers(request.fields);
        if (first_failure(headers, request.body)) return std::nullopt;
        return certificates_.fetch_for(headers.certificate_url);
    }

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        const Headers headers = read_headers(request.fields);
        request.note("PAYPAL-TRANSMISSION-ID", headers.id);
        request.note("PAYPAL-TRANSMISSION-TIME", headers.time);
        request.note("PAYPAL-TRANSMISSION-SIG", headers.signature);
        request.note("PAYPAL-CERT-URL", headers.certificate_url);
        request.note("PAYPAL-AUTH-ALGO", headers.algorithm);
        if (const auto failure = first_failure(headers, request.body)) return *failure;
        const auto key = certificates_.key_for(
            {.url = headers.certificate_url, .fetched = request.fetched, .now = request.received_at}
        );
        if (!key) {
            request.note("certificate", "not fetched, not trusted, not valid now or not PayPal's");
            return VerifyFailure::unknown_key;
        }
        request.note("signed text", "<id>|<time>|<our webhook id>|<CRC-32 of the raw body>");
        const auto signature = from_base64(headers.signature);
        if (!signature) return VerifyFailure::bad_signature;
        for (std::size_t i = 0; i < webhook_ids_.size(); ++i) {
            const std::string text = paypal_signed_text(
                {.id = headers.id,
                 .time = headers.time,
                 .webhook_id = webhook_ids_[i],
                 .body = request.body}
            );
            request.note("signed text with a webhook id of ours", text);
            if (key->verify(HashAlgorithm::sha256, {text}, *signature)) {
                return Verified{.key_index = i};
            }
        }
        // The transmission time is signed but is not held against the clock: redeliveries of three
        // days carry the first one.
        return VerifyFailure::bad_signature;
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue root = document->root();
        Normalised normalised;
        normalised.events.push_back(ProviderEvent{
            .id = event_id_or_digest({.id = root["id"].text(), .sent = request.body}),
            .type = std::string{root["event_type"].string()},
            .unified = unify_paypal_event(root)});
        return normalised;
    }

 private:
    std::vector<std::string> webhook_ids_;
    PaypalCertificates certificates_;
};

}  // namespace

std::string paypal_signed_text(const PaypalTransmission& transmission) {
    boost::crc_32_type checksum;
    checksum.process_bytes(transmission.body.data(), transmission.body.size());
    std::string text{transmission.id};
    text += '|';
    text += transmission.time;
    text += '|';
    text += transmission.webhook_id;
    text += '|';
    text += std::to_string(checksum.checksum());
    return text;
}

Result<std::unique_ptr<Provider>, Complaint> make_paypal(const SettingTable& settings) {
    SettingsReader reader{settings, "paypal"};
    auto webhook_ids = reader.required_texts("webhook_ids");
    PaypalCertificates certificates = read_paypal_certificates(reader);
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<PaypalProvider>(std::move(webhook_ids), std::move(certificates));
}

}  // namespace postern::verifiers
