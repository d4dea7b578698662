#include "core/unified_event.hpp"

namespace postern {
namespace {

constexpr std::array<std::string_view, kEventTypeCount> kNames = {
    "payment.created",
    "payment.succeeded",
    "payment.failed",
    "payment.captured",
    "payment.canceled",
    "payment.requires_action",
    "payment.action_completed",
    "refund.created",
    "refund.succeeded",
    "refund.failed",
    "dispute.created",
    "dispute.updated",
    "dispute.closed",
    "payout.created",
    "payout.paid",
    "payout.failed",
};

constexpr std::array<EventType, kEventTypeCount> make_types() {
    std::array<EventType, kEventTypeCount> types{};
    for (std::size_t i = 0; i < types.size(); ++i) types[i] = static_cast<EventType>(i);
    return types;
}

constexpr auto kTypes = make_types();

}  // namespace

std::string_view to_text(EventType type) {
    return kNames[static_cast<std::size_t>(type)];
}

std::optional<EventType> event_type_from_text(std::string_view text) {
    for (const EventType type : kTypes) {
        if (to_text(type) == text) return type;
    }
    return std::nullopt;
}

const std::array<EventType, kEventTypeCount>& all_event_types() {
    return kTypes;
}

EventSubject subject_of(EventType type) {
    if (type <= EventType::payment_action_completed) return EventSubject::payment;
    if (type <= EventType::refund_failed) return EventSubject::refund;
    if (type <= EventType::dispute_closed) return EventSubject::dispute;
    return EventSubject::payout;
}

}  // namespace postern
