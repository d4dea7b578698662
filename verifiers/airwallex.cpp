#include "verifiers/airwallex.hpp"

#include "core/json_document.hpp"
#include "core/money.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_ids.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/offered_digests.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/shared_secrets.hpp"
#include "verifiers/type_mapping.hpp"

#include <array>

namespace postern::verifiers {
namespace {

constexpr std::string_view kTimestampHeader = "x-timestamp";
constexpr std::string_view kSignatureHeader = "x-signature";

// Which object an event speaks of, and so where its ids and amounts lie.
enum class Shape { intent, attempt, refund, dispute, payout };

struct Mapping {
    std::string_view provider_type;
    EventType type;
    Shape shape;
    std::string_view outcome = {};
};

// "payment.new", "payment.paid" and "payment.failed" are old names of payouts and stay out, as does
// everything that only authorises: nobody may ship goods on it.
constexpr std::array kMappings = {
    Mapping{"payment_intent.created", EventType::payment_created, Shape::intent},
    Mapping{
        "payment_intent.requires_customer_action",
        EventType::payment_requires_action,
        Shape::intent},
    Mapping{"payment_intent.succeeded", EventType::payment_succeeded, Shape::intent},
    Mapping{"payment_intent.cancelled", EventType::payment_canceled, Shape::intent},
    Mapping{"payment_intent.payment_failed", EventType::payment_failed, Shape::intent},
    Mapping{"payment_attempt.authorization_failed", EventType::payment_failed, Shape::attempt},
    Mapping{"payment_attempt.authentication_failed", EventType::payment_failed, Shape::attempt},
    Mapping{"payment_attempt.risk_declined", EventType::payment_failed, Shape::attempt},
    Mapping{"payment_attempt.failed_to_process", EventType::payment_failed, Shape::attempt},
    Mapping{"payment_attempt.capture_failed", EventType::payment_failed, Shape::attempt},
    Mapping{"payment_attempt.expired", EventType::payment_failed, Shape::attempt},
    Mapping{"payment_attempt.capture_requested", EventType::payment_captured, Shape::attempt},
    Mapping{"refund.received", EventType::refund_created, Shape::refund},
    Mapping{"refund.processing", EventType::refund_created, Shape::refund},
    Mapping{"refund.settled", EventType::refund_succeeded, Shape::refund},
    Mapping{"refund.succeeded", EventType::refund_succeeded, Shape::refund},
    Mapping{"refund.failed", EventType::refund_failed, Shape::refund},
    Mapping{"dispute.requires_response", EventType::dispute_created, Shape::dispute},
    Mapping{"dispute.challenged", EventType::dispute_updated, Shape::dispute},
    Mapping{"dispute.pending_decision", EventType::dispute_updated, Shape::dispute},
    Mapping{"dispute.pending_closure", EventType::dispute_updated, Shape::dispute},
    Mapping{"dispute.won", EventType::dispute_closed, Shape::dispute, "won"},
    Mapping{"dispute.reversed", EventType::dispute_closed, Shape::dispute, "won"},
    Mapping{"dispute.lost", EventType::dispute_closed, Shape::dispute, "lost"},
    Mapping{"dispute.accepted", EventType::dispute_closed, Shape::dispute, "lost"},
    Mapping{"dispute.expired", EventType::dispute_closed, Shape::dispute, "lost"},
    Mapping{"payout.transfer.in_approval", EventType::payout_created, Shape::payout},
    Mapping{"payout.transfer.scheduled", EventType::payout_created, Shape::payout},
    Mapping{"payout.transfer.paid", EventType::payout_paid, Shape::payout},
    Mapping{"payout.transfer.failed", EventType::payout_failed, Shape::payout},
};

// Disputes are called "payment_dispute.won"; older API versions say "dispute.won".
const Mapping* mapping_of(std::string_view name) {
    constexpr std::string_view prefix = "payment_";
    if (name.starts_with("payment_dispute.")) name.remove_prefix(prefix.size());
    return find_mapping(kMappings, name);
}

// Amounts are JSON numbers in major units: their digits are read, never a double made of them.
void set_amount(UnifiedEvent& event, std::string_view number) {
    if (const auto decimal = plain_decimal(number)) set_decimal_amount(event, *decimal);
}

void read_intent(JsonValue object, UnifiedEvent& event) {
    event.gateway_payment_id = object["id"].string();
    event.merchant_reference = object["merchant_order_id"].text();
    const bool succeeded = event.type == EventType::payment_succeeded;
    const JsonValue amount = object["amount"];
    set_amount(event, succeeded ? first_text(object["captured_amount"], amount) : amount.text());
    if (event.type == EventType::payment_canceled) {
        event.reason = object["cancellation_reason"].string();
    } else if (event.type == EventType::payment_requires_action) {
        event.reason = object["next_action"]["type"].string();
    } else if (event.type == EventType::payment_failed) {
        event.reason = object["latest_payment_attempt"]["failure_code"].string();
    }
}

// An attempt that fails is not the end of its intent: the buyer may try again.
void read_attempt(std::string_view name, JsonValue object, UnifiedEvent& event) {
    event.gateway_payment_id = object["payment_intent_id"].string();
    event.merchant_reference = object["merchant_order_id"].text();
    const JsonValue amount = object["amount"];
    if (event.type == EventType::payment_captured) {
        set_amount(event, first_text(object["captured_amount"], amount));
        return;
    }
    set_amount(event, amount.text());
    event.reason = object["failure_code"].string();
    if (event.reason.empty()) event.reason = name.substr(name.find('.') + 1);
}

void read_refund(JsonValue object, UnifiedEvent& event) {
    event.gateway_refund_id = object["id"].string();
    event.gateway_payment_id = object["payment_intent_id"].string();
    set_amount(event, object["amount"].text());
    if (event.type == EventType::refund_failed) event.reason = object["failure_code"].string();
}

void read_dispute(JsonValue object, UnifiedEvent& event) {
    event.gateway_dispute_id = object["id"].string();
    event.gateway_payment_id = object["payment_intent_id"].string();
    event.merchant_reference = object["merchant_order_id"].text();
    set_amount(event, object["amount"].text());
    event.reason = object["reason"]["type"].string();
}

void read_payout(JsonValue object, UnifiedEvent& event) {
    event.gateway_payout_id = object["id"].string();
    set_currency(event, object["transfer_currency"].string());
    set_amount(event, object["transfer_amount"].text());
    if (event.type == EventType::payout_failed) event.reason = object["failure_type"].string();
}

std::optional<UnifiedEvent> unify(std::string_view name, JsonValue root) {
    const Mapping* mapping = mapping_of(name);
    if (mapping == nullptr) return std::nullopt;
    const JsonValue data = root["data"];
    const JsonValue object = mapping->shape == Shape::payout ? data : data["object"];
    UnifiedEvent event{.type = mapping->type};
    event.outcome = mapping->outcome;
    read_occurred_at(event, root["created_at"]);
    set_currency(event, object["currency"].string());
    switch (mapping->shape) {
        case Shape::intent: read_intent(object, event); break;
        case Shape::attempt: read_attempt(name, object, event); break;
        case Shape::refund: read_refund(object, event); break;
        case Shape::dispute: read_dispute(object, event); break;
        case Shape::payout: read_payout(object, event); break;
    }
    return event;
}

// Airwallex signs "<milliseconds as sent><raw body>" with nothing in between.
class AirwallexProvider final : public Provider {
 public:
    AirwallexProvider(std::span<const std::string> secrets, std::chrono::seconds tolerance)
        : secrets_{HashAlgorithm::sha256, secrets}, tolerance_{tolerance} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        const std::string_view timestamp = request.fields.value_or_empty(kTimestampHeader);
        const std::string_view signature = request.fields.value_or_empty(kSignatureHeader);
        if (timestamp.empty() || signature.empty()) return VerifyFailure::missing_header;
        request.note("x-timestamp", timestamp);
        request.note("x-signature", signature);
        const auto signed_at = parse_unix_time(timestamp, TimestampUnit::milliseconds);
        if (!signed_at || request.body.empty()) return VerifyFailure::malformed;
        request.note("signed text", "<x-timestamp><raw body>, HMAC-SHA256 with the secret, hex");
        const auto key = secrets_.match(
            {timestamp, request.body}, offered_digests(signature, DigestEncoding::hex)
        );
        if (!key) return VerifyFailure::bad_signature;
        if (!within_tolerance(request.received_at, *signed_at, tolerance_)) {
            return VerifyFailure::timestamp_out_of_tolerance;
        }
        return Verified{.key_index = *key};
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue root = document->root();
        const std::string_view name = root["name"].string();
        Normalised normalised;
        normalised.account = first_text(root["account_id"], root["accountId"]);
        normalised.events.push_back(ProviderEvent{
            .id = event_id_or_digest({.id = root["id"].text(), .sent = request.body}),
            .type = std::string{name},
            .unified = unify(name, root)});
        return normalised;
    }

 private:
    SharedSecrets secrets_;
    std::chrono::seconds tolerance_;
};

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_airwallex(const SettingTable& settings) {
    SettingsReader reader{settings, "airwallex"};
    const auto secrets = required_secrets(reader, "webhook_secrets");
    const auto tolerance = read_tolerance(reader);
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<AirwallexProvider>(secrets, tolerance);
}

}  // namespace postern::verifiers
