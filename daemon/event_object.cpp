#include "daemon/event_object.hpp"

#include "core/json_writer.hpp"
#include "core/money.hpp"

namespace postern::daemon {
namespace {

std::string_view status_of_closed_dispute(std::string_view outcome) {
    if (outcome == "won" || outcome == "lost") return outcome;
    return "closed";
}

std::string_view status_of(const UnifiedEvent& event) {
    switch (event.type) {
        case EventType::payment_created:
        case EventType::payment_requires_action:
        case EventType::refund_created:
        case EventType::payout_created: return "pending";
        case EventType::payment_action_completed: return "processing";
        case EventType::payment_succeeded:
        case EventType::payment_captured:
        case EventType::refund_succeeded: return "succeeded";
        case EventType::payment_failed:
        case EventType::refund_failed:
        case EventType::payout_failed: return "failed";
        case EventType::payment_canceled: return "canceled";
        case EventType::dispute_created: return "needs_response";
        case EventType::dispute_updated: return "under_review";
        case EventType::dispute_closed: return status_of_closed_dispute(event.outcome);
        case EventType::payout_paid: return "paid";
    }
    return "pending";
}

// Some providers say "succeeded" of an authorisation, others only of money that was taken, so a
// success alone does not tell.
std::optional<bool> captured(EventType type) {
    if (type == EventType::payment_captured) return true;
    if (type == EventType::payment_succeeded) return std::nullopt;
    return false;
}

void append_flag(JsonWriter& writer, std::string_view name, std::optional<bool> flag) {
    writer.key(name);
    flag ? writer.boolean(*flag) : writer.null();
}

void append_amount(JsonWriter& writer, const UnifiedEvent& event) {
    const auto minor = event.amount.empty() || event.currency.empty()
                           ? std::nullopt
                           : minor_units(event.amount, event.currency);
    writer.member_or_null("amount", event.amount);
    writer.key("amount_minor");
    minor ? writer.integer(*minor) : writer.null();
    writer.member_or_null("currency", event.currency);
}

}  // namespace

std::string_view object_name(EventSubject subject) {
    switch (subject) {
        case EventSubject::payment: return "payment";
        case EventSubject::refund: return "refund";
        case EventSubject::dispute: return "dispute";
        case EventSubject::payout: return "payout";
    }
    return "payment";
}

void append_event_object(std::string& out, const UnifiedEvent& event, std::string_view gateway_id) {
    const EventSubject subject = subject_of(event.type);
    JsonWriter writer{out};
    writer.begin_object();
    writer.member("object", object_name(subject));
    writer.member("gateway", gateway_id);
    writer.member("status", status_of(event));
    if (subject == EventSubject::payment) append_flag(writer, "captured", captured(event.type));
    append_amount(writer, event);
    writer.member_or_null("gateway_payment_id", event.gateway_payment_id);
    writer.member_or_null("gateway_refund_id", event.gateway_refund_id);
    writer.member_or_null("gateway_dispute_id", event.gateway_dispute_id);
    writer.member_or_null("gateway_payout_id", event.gateway_payout_id);
    writer.member_or_null("merchant_reference", event.merchant_reference);
    if (subject == EventSubject::payment) {
        writer.member_or_null("order_id", event.merchant_reference);
    }
    writer.member_or_null("reason", event.reason);
    writer.member_or_null("outcome", event.outcome);
    writer.member_or_null("occurred_at", event.occurred_at);
    append_flag(writer, "gateway_livemode", event.gateway_livemode);
    writer.end_object();
}

}  // namespace postern::daemon
