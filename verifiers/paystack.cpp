#include "verifiers/paystack.hpp"

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
    .header = {.name = "x-paystack-signature"},
    .algorithm = HashAlgorithm::sha512,
    .signed_text = "<raw body>, HMAC-SHA512 with the secret API key, hex"};

constexpr std::array kTypes = {
    TypeMapping{"charge.success", EventType::payment_succeeded},
    TypeMapping{"invoice.payment_failed", EventType::payment_failed},
    TypeMapping{"refund.pending", EventType::refund_created},
    TypeMapping{"refund.processed", EventType::refund_succeeded},
    TypeMapping{"refund.failed", EventType::refund_failed},
    TypeMapping{"charge.dispute.create", EventType::dispute_created},
    TypeMapping{"charge.dispute.remind", EventType::dispute_updated},
    TypeMapping{"charge.dispute.resolve", EventType::dispute_closed},
    TypeMapping{"transfer.success", EventType::payout_paid},
    TypeMapping{"transfer.failed", EventType::payout_failed},
    TypeMapping{"transfer.reversed", EventType::payout_failed},
};

// What names the object of an event. A refund whose own reference is not known yet has none: its
// transaction's would make two partial refunds one.
std::string_view object_id(std::string_view paystack_type, JsonValue data) {
    if (paystack_type.starts_with("refund.")) {
        return first_text(data["refund_reference"], data["id"]);
    }
    if (paystack_type.starts_with("invoice.")) {
        return first_text(data["invoice_code"], data["id"]);
    }
    for (const std::string_view key :
         {"id", "transfer_code", "subscription_code", "customer_code", "reference"}) {
        const std::string_view id = data[key].text();
        if (!id.empty()) return id;
    }
    return {};
}

// Paystack numbers no events: type and object together are as unique as it gets. Numeric ids keep
// the digits as sent, for they may exceed what a double can hold.
std::string event_id(std::string_view paystack_type, JsonValue data) {
    const std::string_view object = object_id(paystack_type, data);
    if (object.empty()) return {};
    std::string id{paystack_type};
    id += ':';
    id += object;
    return id;
}

std::string_view dispute_outcome(std::string_view resolution) {
    if (resolution == "merchant-accepted") return "lost";
    if (resolution == "declined") return "won";
    return resolution;
}

void read_payment(JsonValue data, UnifiedEvent& event) {
    event.gateway_payment_id = first_text(data["id"], data["invoice_code"]);
    event.merchant_reference = data["reference"].text();
    const JsonValue paid_at = data["paid_at"];
    read_occurred_at(event, paid_at.is_string() ? paid_at : data["created_at"]);
}

void read_refund(JsonValue data, UnifiedEvent& event) {
    event.gateway_refund_id = first_text(data["refund_reference"], data["id"]);
    event.gateway_payment_id = data["transaction_reference"].text();
    event.merchant_reference = data["transaction_reference"].text();
}

void read_dispute(JsonValue data, UnifiedEvent& event) {
    event.gateway_dispute_id = data["id"].text();
    event.gateway_payment_id = data["transaction"]["id"].text();
    event.merchant_reference =
        first_text(data["transaction"]["reference"], data["transaction_reference"]);
    event.reason = data["category"].string();
    if (event.type == EventType::dispute_closed) {
        event.outcome = dispute_outcome(data["resolution"].string());
    }
    const bool created = event.type == EventType::dispute_created;
    read_occurred_at(event, data[created ? "created_at" : "updated_at"]);
}

void read_payout(JsonValue data, UnifiedEvent& event) {
    event.gateway_payout_id = first_text(data["transfer_code"], data["id"]);
    event.merchant_reference = data["reference"].text();
    // `reason` is the merchant's own note to the recipient, not why the transfer failed.
    if (event.type == EventType::payout_failed) event.reason = data["failures"].string();
    read_occurred_at(event, data["transferred_at"]);
}

std::optional<bool> livemode(std::string_view domain) {
    if (domain == "live") return true;
    if (domain == "test") return false;
    return std::nullopt;
}

std::optional<UnifiedEvent> unify(std::string_view paystack_type, JsonValue data) {
    const auto type = mapped_type(kTypes, paystack_type);
    if (!type) return std::nullopt;
    UnifiedEvent event{.type = *type, .gateway_livemode = livemode(data["domain"].string())};
    set_currency(event, data["currency"].string());
    const bool dispute = subject_of(*type) == EventSubject::dispute;
    set_minor_amount(
        event, data[dispute ? "refund_amount" : "amount"], iso_exponent(event.currency)
    );
    switch (subject_of(*type)) {
        case EventSubject::payment: read_payment(data, event); break;
        case EventSubject::refund: read_refund(data, event); break;
        case EventSubject::dispute: read_dispute(data, event); break;
        case EventSubject::payout: read_payout(data, event); break;
    }
    return event;
}

class PaystackProvider final : public Provider {
 public:
    explicit PaystackProvider(std::span<const std::string> keys) : signature_{kScheme, keys} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        return signature_.verify(request);
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        const JsonValue data = document->root()["data"];
        const std::string_view type = document->root()["event"].string();
        Normalised normalised;
        normalised.events.push_back(ProviderEvent{
            .id = event_id(type, data), .type = std::string{type}, .unified = unify(type, data)});
        return normalised;
    }

 private:
    BodyHmac signature_;
};

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_paystack(const SettingTable& settings) {
    SettingsReader reader{settings, "paystack"};
    const auto keys = required_secrets(reader, "secret_keys");
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<PaystackProvider>(keys);
}

}  // namespace postern::verifiers
