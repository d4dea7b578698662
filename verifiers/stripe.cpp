#include "verifiers/stripe.hpp"

#include "core/json_document.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/shared_secrets.hpp"
#include "verifiers/timed_signature.hpp"
#include "verifiers/type_mapping.hpp"

#include <algorithm>
#include <array>

namespace postern::verifiers {
namespace {

constexpr std::string_view kSignatureHeader = "stripe-signature";

// Stripe signs "<t as sent>.<raw body>" with the whole secret text, "whsec_" included, and sends
// one v1 per secret while a secret is being rolled.
class StripeProvider final : public Provider {
 public:
    StripeProvider(std::span<const std::string> secrets, std::chrono::seconds tolerance)
        : secrets_{HashAlgorithm::sha256, secrets}, tolerance_{tolerance} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        const std::string_view header = request.fields.value_or_empty(kSignatureHeader);
        if (header.empty()) return VerifyFailure::missing_header;
        request.note("Stripe-Signature", header);
        const auto signature = parse_timed_signature(header);
        if (!signature || request.body.empty()) return VerifyFailure::malformed;
        request.note("signed text", "<t>.<raw body>, HMAC-SHA256 with the whole secret, hex");
        const auto key =
            secrets_.match({signature->timestamp_text, ".", request.body}, signature->digests);
        if (!key) return VerifyFailure::bad_signature;
        if (!within_tolerance(request.received_at, signature->signed_at, tolerance_)) {
            return VerifyFailure::timestamp_out_of_tolerance;
        }
        return Verified{.key_index = *key};
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        return normalise_stripe_event(request.body);
    }

 private:
    SharedSecrets secrets_;
    std::chrono::seconds tolerance_;
};

// Which object an event speaks of, and so where its ids and amounts lie.
enum class Shape { intent, captured_charge, refund, dispute, payout };

struct Mapping {
    std::string_view provider_type;
    EventType type;
    Shape shape;
};

constexpr std::array kMappings = {
    Mapping{"payment_intent.created", EventType::payment_created, Shape::intent},
    Mapping{"payment_intent.succeeded", EventType::payment_succeeded, Shape::intent},
    Mapping{"payment_intent.payment_failed", EventType::payment_failed, Shape::intent},
    Mapping{"payment_intent.canceled", EventType::payment_canceled, Shape::intent},
    Mapping{"payment_intent.requires_action", EventType::payment_requires_action, Shape::intent},
    Mapping{"charge.captured", EventType::payment_captured, Shape::captured_charge},
    // A refund's type is decided by its status, see refund_type().
    Mapping{"refund.created", EventType::refund_created, Shape::refund},
    Mapping{"refund.updated", EventType::refund_created, Shape::refund},
    Mapping{"refund.failed", EventType::refund_created, Shape::refund},
    Mapping{"charge.refund.updated", EventType::refund_created, Shape::refund},
    Mapping{"charge.dispute.created", EventType::dispute_created, Shape::dispute},
    Mapping{"charge.dispute.updated", EventType::dispute_updated, Shape::dispute},
    Mapping{"charge.dispute.funds_withdrawn", EventType::dispute_updated, Shape::dispute},
    Mapping{"charge.dispute.funds_reinstated", EventType::dispute_updated, Shape::dispute},
    Mapping{"charge.dispute.closed", EventType::dispute_closed, Shape::dispute},
    Mapping{"payout.created", EventType::payout_created, Shape::payout},
    Mapping{"payout.paid", EventType::payout_paid, Shape::payout},
    Mapping{"payout.failed", EventType::payout_failed, Shape::payout},
};

// A card refund arrives as refund.created with status succeeded and nothing after it, so the
// status and not the event's name decides.
std::optional<EventType> refund_type(std::string_view status) {
    if (status == "succeeded") return EventType::refund_succeeded;
    if (status == "failed" || status == "canceled") return EventType::refund_failed;
    if (status == "pending" || status == "requires_action") return EventType::refund_created;
    return std::nullopt;
}

// An id, or the expanded object that carries it.
std::string_view id_of(JsonValue value) {
    return value.is_object() ? value["id"].string() : value.string();
}

void set_amount(UnifiedEvent& event, JsonValue minor) {
    set_minor_amount(event, minor, stripe_exponent(event.currency));
}

void read_intent(JsonValue object, UnifiedEvent& event) {
    event.gateway_payment_id = object["id"].string();
    // What was received is what counts; others who speak this dialect only send the amount.
    const JsonValue received = object["amount_received"];
    const bool succeeded = event.type == EventType::payment_succeeded && received.exists();
    set_amount(event, succeeded ? received : object["amount"]);
    if (event.type == EventType::payment_failed) {
        const JsonValue error = object["last_payment_error"];
        event.reason = first_text(error["decline_code"], error["code"]);
    } else if (event.type == EventType::payment_canceled) {
        event.reason = object["cancellation_reason"].string();
    } else if (event.type == EventType::payment_requires_action) {
        event.reason = object["next_action"]["type"].string();
    }
}

void read_captured_charge(JsonValue object, UnifiedEvent& event) {
    const std::string_view intent = id_of(object["payment_intent"]);
    event.gateway_payment_id = intent.empty() ? object["id"].string() : intent;
    set_amount(event, object["amount_captured"]);
}

void read_refund(JsonValue object, UnifiedEvent& event) {
    event.gateway_refund_id = object["id"].string();
    event.gateway_payment_id = id_of(object["payment_intent"]);
    set_amount(event, object["amount"]);
    event.reason = object["failure_reason"].string();
}

constexpr std::string_view kBeginning = "needs_response";

void read_dispute(JsonValue object, UnifiedEvent& event) {
    event.gateway_dispute_id = object["id"].string();
    event.gateway_payment_id = id_of(object["payment_intent"]);
    set_amount(event, object["amount"]);
    event.reason = object["reason"].string();
    // An inquiry withholds nothing and a dispute does, so which of them it is must be known as soon
    // as it begins. That a new one needs a response goes without saying.
    const std::string_view status = object["status"].string();
    const bool begins = event.type == EventType::dispute_created;
    if (!begins || status != kBeginning) event.outcome = status;
}

void read_payout(JsonValue object, UnifiedEvent& event) {
    event.gateway_payout_id = object["id"].string();
    set_amount(event, object["amount"]);
    event.reason = object["failure_code"].string();
}

void read_object(Shape shape, JsonValue object, UnifiedEvent& event) {
    switch (shape) {
        case Shape::intent: return read_intent(object, event);
        case Shape::captured_charge: return read_captured_charge(object, event);
        case Shape::refund: return read_refund(object, event);
        case Shape::dispute: return read_dispute(object, event);
        case Shape::payout: return read_payout(object, event);
    }
}

std::optional<UnifiedEvent> unify(std::string_view stripe_type, JsonValue root) {
    const Mapping* mapping = find_mapping(kMappings, stripe_type);
    if (mapping == nullptr) return std::nullopt;
    const JsonValue object = root["data"]["object"];
    UnifiedEvent event{.type = mapping->type};
    if (mapping->shape == Shape::refund) {
        const auto type = refund_type(object["status"].string());
        if (!type) return std::nullopt;
        event.type = *type;
    }
    set_currency(event, object["currency"].string());
    event.merchant_reference = object["metadata"]["order_id"].text();
    event.gateway_livemode = root["livemode"].boolean();
    read_occurred_at(event, root["created"]);
    read_object(mapping->shape, object, event);
    return event;
}

}  // namespace

int stripe_exponent(std::string_view currency) {
    constexpr std::array<std::string_view, 15> none = {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF"};
    constexpr std::array<std::string_view, 5> three = {"BHD", "JOD", "KWD", "OMR", "TND"};
    if (std::find(none.begin(), none.end(), currency) != none.end()) return 0;
    if (std::find(three.begin(), three.end(), currency) != three.end()) return 3;
    return 2;  // UGX and ISK too: Stripe sends them in hundredths for compatibility
}

Result<Normalised, NormaliseFailure> normalise_stripe_event(std::string_view body) {
    const auto document = JsonDocument::parse(body);
    if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
    const JsonValue root = document->root();
    const std::string_view type = root["type"].string();
    Normalised normalised;
    normalised.account = root["account"].string();
    normalised.events.push_back(ProviderEvent{
        .id = std::string{root["id"].string()},
        .type = std::string{type},
        .unified = unify(type, root)});
    return normalised;
}

Result<std::unique_ptr<Provider>, Complaint> make_stripe(const SettingTable& settings) {
    SettingsReader reader{settings, "stripe"};
    const auto secrets = required_secrets(reader, "webhook_secrets");
    const auto tolerance = read_tolerance(reader);
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<StripeProvider>(secrets, tolerance);
}

}  // namespace postern::verifiers
