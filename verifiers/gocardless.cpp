#include "verifiers/gocardless.hpp"

#include "core/json_document.hpp"
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
    .header = {.name = "webhook-signature"},
    .algorithm = HashAlgorithm::sha256,
    .signed_text = "<raw body>, HMAC-SHA256 with the endpoint's secret, hex"};
constexpr int kNoContent = 204;
constexpr int kTokenInvalid = 498;  // what GoCardless documents for a signature that is wrong

// A payment may fail after it was confirmed: banks take their time. It is told as it comes.
constexpr std::array kTypes = {
    TypeMapping{"payments.created", EventType::payment_created},
    TypeMapping{"payments.confirmed", EventType::payment_succeeded},
    TypeMapping{"payments.failed", EventType::payment_failed},
    TypeMapping{"payments.customer_approval_denied", EventType::payment_failed},
    TypeMapping{"payments.cancelled", EventType::payment_canceled},
    TypeMapping{"payments.customer_approval_granted", EventType::payment_action_completed},
    TypeMapping{"payments.charged_back", EventType::dispute_created},
    TypeMapping{"payments.chargeback_settled", EventType::dispute_updated},
    TypeMapping{"payments.chargeback_cancelled", EventType::dispute_closed},
    TypeMapping{"refunds.created", EventType::refund_created},
    TypeMapping{"refunds.paid", EventType::refund_succeeded},
    TypeMapping{"refunds.failed", EventType::refund_failed},
    TypeMapping{"refunds.bounced", EventType::refund_failed},
    TypeMapping{"payouts.paid", EventType::payout_paid},
};

bool cause_is_a_reason(EventType type) {
    switch (type) {
        case EventType::payment_failed:
        case EventType::payment_canceled:
        case EventType::refund_failed:
        case EventType::dispute_created:
        case EventType::dispute_updated:
        case EventType::dispute_closed: return true;
        case EventType::payment_created:
        case EventType::payment_succeeded:
        case EventType::payment_captured:
        case EventType::payment_requires_action:
        case EventType::payment_action_completed:
        case EventType::refund_created:
        case EventType::refund_succeeded:
        case EventType::payout_created:
        case EventType::payout_paid:
        case EventType::payout_failed: return false;
    }
    return false;
}

// Events are thin: they name what changed and hold no amount.
std::optional<UnifiedEvent> unify(std::string_view gocardless_type, JsonValue item) {
    const auto type = mapped_type(kTypes, gocardless_type);
    if (!type) return std::nullopt;
    const JsonValue links = item["links"];
    UnifiedEvent event{.type = *type};
    event.gateway_payment_id = links["payment"].string();
    event.gateway_refund_id = links["refund"].string();
    event.gateway_payout_id = links["payout"].string();
    if (subject_of(*type) == EventSubject::dispute) {
        event.gateway_dispute_id = event.gateway_payment_id;  // a chargeback has no id of its own
    }
    if (*type == EventType::dispute_closed) event.outcome = "won";  // only cancelling closes one
    if (cause_is_a_reason(*type)) event.reason = item["details"]["cause"].string();
    event.merchant_reference =
        first_text(item["resource_metadata"]["order_id"], item["metadata"]["order_id"]);
    read_occurred_at(event, item["created_at"]);
    return event;
}

ProviderEvent read_event(JsonValue item) {
    std::string type{item["resource_type"].string()};
    type += '.';
    type += item["action"].string();
    auto unified = unify(type, item);
    return ProviderEvent{
        .id = std::string{item["id"].string()},
        .type = std::move(type),
        .unified = std::move(unified)};
}

class GoCardlessProvider final : public Provider {
 public:
    explicit GoCardlessProvider(std::span<const std::string> secrets)
        : signature_{kScheme, secrets} {}

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        return signature_.verify(request);
    }

    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document) return NormaliseFailure::malformed;
        const JsonValue events = document->root()["events"];
        if (!events.is_array()) return NormaliseFailure::malformed;
        Normalised normalised;
        normalised.account = events[std::size_t{0}]["links"]["organisation"].string();
        normalised.events.reserve(events.size());
        for (const JsonValue item : events.items()) {
            if (!item.is_object()) return NormaliseFailure::malformed;
            normalised.events.push_back(read_event(item));
        }
        return normalised;
    }

    std::optional<ProviderReply> acknowledgement(const SignedRequest&) const override {
        return ProviderReply{.status = kNoContent};
    }

    std::optional<ProviderReply> refusal(VerifyFailure) const override {
        return ProviderReply{.status = kTokenInvalid};
    }

 private:
    BodyHmac signature_;
};

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_gocardless(const SettingTable& settings) {
    SettingsReader reader{settings, "gocardless"};
    const auto secrets = required_secrets(reader, "webhook_secrets");
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return std::make_unique<GoCardlessProvider>(secrets);
}

}  // namespace postern::verifiers
