#include "verifiers/checkout.hpp"

#include "core/json_document.hpp"
#include "core/money.hpp"
#include "verifiers/body_hmac.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_ids.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/static_authorization.hpp"
#include "verifiers/type_mapping.hpp"

#include <array>

namespace postern::verifiers {
namespace {

constexpr BodyHmacScheme kScheme = {
    .header = {.name = "Cko-Signature", .repeated = RepeatedHeader::first_counts},
    .algorithm = HashAlgorithm::sha256,
    .signed_text = "<raw body>, HMAC-SHA256 with the signature key, hex"};

struct Mapping {
    std::string_view provider_type;
    EventType type;
    std::string_view outcome;
};

constexpr std::array kMappings = {
    // With automatic capture, the default, the approval is what a merchant may ship upon.
    Mapping{"payment_approved", EventType::payment_succeeded, {}},
    Mapping{"payment_captured", EventType::payment_captured, {}},
    Mapping{"payment_declined", EventType::payment_failed, {}},
    Mapping{"payment_capture_declined", EventType::payment_failed, {}},
    Mapping{"payment_pending", EventType::payment_created, {}},
    Mapping{"payment_canceled", EventType::payment_canceled, {}},
    Mapping{"payment_voided", EventType::payment_canceled, {}},
    Mapping{"payment_expired", EventType::payment_canceled, {}},
    Mapping{"payment_refunded", EventType::refund_succeeded, {}},
    Mapping{"payment_refund_pending", EventType::refund_created, {}},
    Mapping{"payment_refund_declined", EventType::refund_failed, {}},
    Mapping{"dispute_received", EventType::dispute_created, {}},
    Mapping{"dispute_evidence_required", EventType::dispute_created, {}},
    Mapping{"dispute_evidence_submitted", EventType::dispute_updated, {}},
    Mapping{"dispute_won", EventType::dispute_closed, "won"},
    Mapping{"dispute_canceled", EventType::dispute_closed, "won"},
    Mapping{"dispute_resolved", EventType::dispute_closed, "won"},
    Mapping{"dispute_lost", EventType::dispute_closed, "lost"},
    Mapping{"dispute_accepted", EventType::dispute_closed, "lost"},
    Mapping{"dispute_expired", EventType::dispute_closed, "lost"},
    // Money that left the merchant, whatever the name suggests.
    Mapping{"payment_paid", EventType::payout_paid, {}},
};

void read_ids(JsonValue data, UnifiedEvent& event) {
    const std::string_view id = data["id"].string();
    event.merchant_reference = data["reference"].string();
    switch (subject_of(event.type)) {
        case EventSubject::payment: event.gateway_payment_id = id; break;
        case EventSubject::refund:
            event.gateway_payment_id = id;
            event.gateway_refund_id = data["action_id"].string();
            break;
        case EventSubject::dispute:
            event.gateway_dispute_id = id;
            event.gateway_payment_id = data["payment_id"].string();
            event.merchant_reference = data["payment_reference"].string();
            event.reason = data["reason_code"].text();
            break;
        case EventSubject::payout: event.gateway_payout_id = id; break;
    }
}

std::optional<UnifiedEvent> unify(std::string_view checkout_type, JsonValue root) {
    const Mapping* mapping = find_mapping(kMappings, checkout_type);
    if (mapping == nullptr) return std::nullopt;
    const JsonValue data = root["data"];
    UnifiedEvent event{.type = mapping->type};
    event.outcome = mapping->outcome;
    read_ids(data, event);
    set_currency(event, data["currency"].string());
    set_minor_amount(event, data["amount"], checkout_exponent(event.currency));
    if (event.type == EventType::payment_failed || event.type == EventType::refund_failed) {
        event.reason = data["response_code"].text();
    }
    read_occurred_at(event, root["created_on"]);
    return event;
}

// Checkout.com sends the hex HMAC of the raw body. Parsing and writing the body again would change
// how numbers are spelled, and with it the HMAC.
class CheckoutProvider final : public Provider {
 public:
    CheckoutProvider(std::span<const std::string> keys, StaticAuthorization authorization)
        : signature_{kScheme, keys}, authorization_{std::move(authorization)} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        if (authorization_.is_missing(request)) return VerifyFailure::missing_header;
        const auto verdict = signature_.verify(request);
        if (verdict && !authorization_.is_right(request)) {
            request.note("Authorization", "is not the configured one");
            return VerifyFailure::bad_signature;
        }
        return verdict;
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue root = document->root();
        const std::string_view type = root["type"].string();
        Normalised normalised;
        normalised.events.push_back(ProviderEvent{
            .id = event_id_or_digest({.id = root["id"].string(), .sent = request.body}),
            .type = std::string{type},
            .unified = unify(type, root)});
        return normalised;
    }

 private:
    BodyHmac signature_;
    StaticAuthorization authorization_;
};

}  // namespace

int checkout_exponent(std::string_view currency) {
    if (currency == "CLP") return 2;  // ISO knows none, Checkout.com counts hundredths
    return iso_exponent(currency);
}

Result<std::unique_ptr<Provider>, Complaint> make_checkout(const SettingTable& settings) {
    SettingsReader reader{settings, "checkout"};
    const auto keys = required_secrets(reader, "signature_keys");
    StaticAuthorization authorization = static_authorization_setting(reader);
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<CheckoutProvider>(keys, std::move(authorization));
}

}  // namespace postern::verifiers
