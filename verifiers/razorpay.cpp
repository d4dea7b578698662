#include "verifiers/razorpay.hpp"

#include "core/json_document.hpp"
#include "core/money.hpp"
#include "verifiers/body_hmac.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/type_mapping.hpp"

#include <array>

namespace postern::verifiers {
namespace {

constexpr BodyHmacScheme kScheme = {
    .header = {.name = "x-razorpay-signature"},
    .algorithm = HashAlgorithm::sha256,
    .signed_text = "<raw body>, HMAC-SHA256 with the webhook secret, hex"};
constexpr std::string_view kEventIdHeader = "x-razorpay-event-id";
constexpr std::string_view kDisputePrefix = "payment.dispute.";

// payment.authorized is no permission to fulfil, and order.paid tells payment.captured a second
// time: both stay out, or the merchant would book twice.
constexpr std::array kTypes = {
    TypeMapping{"payment.captured", EventType::payment_succeeded},
    TypeMapping{"payment.failed", EventType::payment_failed},
    TypeMapping{"refund.created", EventType::refund_created},
    TypeMapping{"refund.processed", EventType::refund_succeeded},
    TypeMapping{"refund.failed", EventType::refund_failed},
    TypeMapping{"payment.dispute.created", EventType::dispute_created},
    TypeMapping{"payment.dispute.under_review", EventType::dispute_updated},
    TypeMapping{"payment.dispute.action_required", EventType::dispute_updated},
    TypeMapping{"payment.dispute.won", EventType::dispute_closed},
    TypeMapping{"payment.dispute.lost", EventType::dispute_closed},
    TypeMapping{"payment.dispute.closed", EventType::dispute_closed},
    TypeMapping{"payout.initiated", EventType::payout_created},
    TypeMapping{"payout.processed", EventType::payout_paid},
    TypeMapping{"payout.failed", EventType::payout_failed},
    TypeMapping{"payout.reversed", EventType::payout_failed},
    TypeMapping{"payout.rejected", EventType::payout_failed},
};

// The member of `payload` that an event speaks of. A refund's payload holds its payment too.
std::string_view entity_name(std::string_view razorpay_type) {
    if (razorpay_type.starts_with(kDisputePrefix)) return "dispute";
    return razorpay_type.substr(0, razorpay_type.find('.'));
}

// The event's own id travels in a header that is not signed. Without it the fact itself is the id:
// a retry tells the same entity with the same time.
std::string event_id(const SignedRequest& request, JsonValue root) {
    const std::string_view sent = request.fields.value_or_empty(kEventIdHeader);
    if (!sent.empty()) return std::string{sent};
    const std::string_view type = root["event"].string();
    const JsonValue payload = root["payload"];
    const JsonValue named = payload[entity_name(type)];
    const JsonValue first = payload[root["contains"][std::size_t{0}].string()];
    const std::string_view entity = first_text(named["entity"]["id"], first["entity"]["id"]);
    const std::string_view created = root["created_at"].text();
    if (entity.empty() || created.empty()) return {};
    std::string id{type};
    id += ':';
    id += entity;
    id += ':';
    id += created;
    return id;
}

void read_payment(JsonValue entity, UnifiedEvent& event) {
    event.gateway_payment_id = entity["id"].string();
    if (event.type == EventType::payment_failed) {
        event.reason = first_text(entity["error_reason"], entity["error_code"]);
    }
}

void read_refund(JsonValue entity, UnifiedEvent& event) {
    event.gateway_refund_id = entity["id"].string();
    event.gateway_payment_id = entity["payment_id"].string();
}

void read_dispute(JsonValue entity, std::string_view razorpay_type, UnifiedEvent& event) {
    event.gateway_dispute_id = entity["id"].string();
    event.gateway_payment_id = entity["payment_id"].string();
    event.reason = entity["reason_code"].string();
    if (event.type == EventType::dispute_closed) {
        event.outcome = razorpay_type.substr(kDisputePrefix.size());
    }
}

void read_payout(JsonValue entity, UnifiedEvent& event) {
    event.gateway_payout_id = entity["id"].string();
    event.merchant_reference = entity["reference_id"].text();
    if (event.type == EventType::payout_failed) {
        event.reason = first_text(entity["status_details"]["reason"], entity["failure_reason"]);
    }
}

std::optional<UnifiedEvent> unify(std::string_view razorpay_type, JsonValue root) {
    const auto type = mapped_type(kTypes, razorpay_type);
    if (!type) return std::nullopt;
    const JsonValue payload = root["payload"];
    const JsonValue entity = payload[entity_name(razorpay_type)]["entity"];
    UnifiedEvent event{.type = *type};
    set_currency(event, entity["currency"].string());
    // `amount` counts `currency`; `base_amount` would be the same in rupees.
    set_minor_amount(event, entity["amount"], iso_exponent(event.currency));
    event.merchant_reference = first_text(
        payload["order"]["entity"]["receipt"], payload["payment"]["entity"]["notes"]["order_id"]
    );
    read_occurred_at(event, root["created_at"]);
    switch (subject_of(*type)) {
        case EventSubject::payment: read_payment(entity, event); break;
        case EventSubject::refund: read_refund(entity, event); break;
        case EventSubject::dispute: read_dispute(entity, razorpay_type, event); break;
        case EventSubject::payout: read_payout(entity, event); break;
    }
    return event;
}

class RazorpayProvider final : public Provider {
 public:
    explicit RazorpayProvider(std::span<const std::string> secrets)
        : signature_{kScheme, secrets} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        return signature_.verify(request);
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue root = document->root();
        const std::string_view type = root["event"].string();
        Normalised normalised;
        normalised.account = root["account_id"].string();
        normalised.events.push_back(ProviderEvent{
            .id = event_id(request, root), .type = std::string{type}, .unified = unify(type, root)}
        );
        return normalised;
    }

 private:
    BodyHmac signature_;
};

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_razorpay(const SettingTable& settings) {
    SettingsReader reader{settings, "razorpay"};
    const auto secrets = required_secrets(reader, "webhook_secrets");
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<RazorpayProvider>(secrets);
}

}  // namespace postern::verifiers
