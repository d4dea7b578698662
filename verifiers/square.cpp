#include "verifiers/square.hpp"

#include "core/json_document.hpp"
#include "core/money.hpp"
#include "verifiers/body_hmac.hpp"
#include "verifiers/complaints.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_ids.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/secret_settings.hpp"

namespace postern::verifiers {
namespace {

constexpr BodyHmacScheme kScheme = {
    .header =
        {.name = "x-square-hmacsha256-signature",
         .encoding = DigestEncoding::base64,
         .repeated = RepeatedHeader::first_counts},
    .algorithm = HashAlgorithm::sha256,
    .signed_text = "<notification_url><raw body>, HMAC-SHA256, base64"};

std::optional<EventType> payment_type(std::string_view status) {
    if (status == "COMPLETED") return EventType::payment_succeeded;
    if (status == "FAILED") return EventType::payment_failed;
    if (status == "CANCELED") return EventType::payment_canceled;
    if (status == "PENDING") return EventType::payment_created;
    return std::nullopt;  // APPROVED is authorised, not paid
}

std::optional<EventType> refund_type(std::string_view status) {
    if (status == "PENDING") return EventType::refund_created;
    if (status == "COMPLETED") return EventType::refund_succeeded;
    if (status == "FAILED" || status == "REJECTED") return EventType::refund_failed;
    return std::nullopt;
}

std::string_view dispute_outcome(std::string_view state) {
    if (state == "WON") return "won";
    // Accepting a dispute gives the money back, which is losing it without a fight.
    if (state == "LOST" || state == "ACCEPTED") return "lost";
    return {};
}

// The event's own name only says that something about the object changed: its status decides.
std::optional<EventType> type_of(std::string_view square_type, JsonValue object) {
    if (square_type == "payment.created" || square_type == "payment.updated") {
        return payment_type(object["payment"]["status"].string());
    }
    if (square_type == "refund.created" || square_type == "refund.updated") {
        return refund_type(object["refund"]["status"].string());
    }
    if (square_type == "dispute.created") return EventType::dispute_created;
    if (square_type == "dispute.state.updated" || square_type == "dispute.state.changed") {
        const bool closed = !dispute_outcome(object["dispute"]["state"].string()).empty();
        return closed ? EventType::dispute_closed : EventType::dispute_updated;
    }
    if (square_type == "payout.sent") return EventType::payout_created;
    if (square_type == "payout.paid") return EventType::payout_paid;
    if (square_type == "payout.failed") return EventType::payout_failed;
    return std::nullopt;
}

void set_money(UnifiedEvent& event, JsonValue money) {
    set_currency(event, money["currency"].string());
    set_minor_amount(event, money["amount"], iso_exponent(event.currency));
}

void read_payment(JsonValue payment, UnifiedEvent& event) {
    event.gateway_payment_id = payment["id"].string();
    event.merchant_reference = payment["reference_id"].string();
    set_money(event, payment["amount_money"]);
    if (event.type == EventType::payment_failed) {
        event.reason = payment.path("card_details.errors.0.code").string();
    }
}

void read_refund(JsonValue refund, UnifiedEvent& event) {
    event.gateway_refund_id = refund["id"].string();
    event.gateway_payment_id = refund["payment_id"].string();
    set_money(event, refund["amount_money"]);
    // `reason` is why the merchant refunds. Why it failed, only the status tells.
    if (event.type == EventType::refund_failed) event.reason = refund["status"].string();
}

void read_dispute(JsonValue dispute, UnifiedEvent& event) {
    event.gateway_dispute_id = first_text(dispute["id"], dispute["dispute_id"]);
    event.gateway_payment_id = dispute["disputed_payment"]["payment_id"].string();
    set_money(event, dispute["amount_money"]);
    event.reason = dispute["reason"].string();
    if (event.type == EventType::dispute_closed) {
        event.outcome = dispute_outcome(dispute["state"].string());
    }
}

void read_payout(JsonValue payout, UnifiedEvent& event) {
    event.gateway_payout_id = payout["id"].string();
    set_money(event, payout["amount_money"]);
}

void read_object(JsonValue object, UnifiedEvent& event) {
    switch (subject_of(event.type)) {
        case EventSubject::payment: return read_payment(object["payment"], event);
        case EventSubject::refund: return read_refund(object["refund"], event);
        case EventSubject::dispute: return read_dispute(object["dispute"], event);
        case EventSubject::payout: return read_payout(object["payout"], event);
    }
}

std::optional<bool> livemode_of(const SignedRequest& request) {
    const std::string_view environment = request.fields.value_or_empty("square-environment");
    if (environment == "Production") return true;
    if (environment == "Sandbox") return false;
    return std::nullopt;
}

std::optional<UnifiedEvent> unify(std::string_view square_type, JsonValue root) {
    const JsonValue object = root["data"]["object"];
    const auto type = type_of(square_type, object);
    if (!type) return std::nullopt;
    UnifiedEvent event{.type = *type};
    read_occurred_at(event, root["created_at"]);
    read_object(object, event);
    return event;
}

// Square signs the URL as it was registered and then the raw body, and sends the HMAC in base64.
// The URL is configured and not rebuilt from the Host field, which behind a proxy is another one
// and which the sender of a forged request chooses.
class SquareProvider final : public Provider {
 public:
    SquareProvider(std::span<const std::string> keys, std::string notification_url)
        : signature_{kScheme, keys, notification_url},
          notification_url_{std::move(notification_url)} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        request.note("notification_url", notification_url_);
        return signature_.verify(request);
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue root = document->root();
        const std::string_view type = root["type"].string();
        auto unified = unify(type, root);
        if (unified) unified->gateway_livemode = livemode_of(request);
        Normalised normalised;
        normalised.account = root["merchant_id"].string();
        normalised.events.push_back(ProviderEvent{
            .id = event_id_or_digest({.id = root["event_id"].string(), .sent = request.body}),
            .type = std::string{type},
            .unified = std::move(unified)});
        return normalised;
    }

 private:
    BodyHmac signature_;
    std::string notification_url_;
};

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_square(const SettingTable& settings) {
    SettingsReader reader{settings, "square"};
    const auto keys = required_secrets(reader, "signature_keys");
    std::string url = required_notification_url(reader);
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<SquareProvider>(keys, std::move(url));
}

}  // namespace postern::verifiers
