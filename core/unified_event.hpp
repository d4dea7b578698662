#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

// The one vocabulary. A stored number, so new types are added at the end only.
enum class EventType : std::uint8_t {
    payment_created,
    payment_succeeded,
    payment_failed,
    payment_captured,
    payment_canceled,
    payment_requires_action,
    payment_action_completed,
    refund_created,
    refund_succeeded,
    refund_failed,
    dispute_created,
    dispute_updated,
    dispute_closed,
    payout_created,
    payout_paid,
    payout_failed,
};

inline constexpr std::size_t kEventTypeCount = 16;

std::string_view to_text(EventType type);  // "payment.succeeded"
std::optional<EventType> event_type_from_text(std::string_view text);
const std::array<EventType, kEventTypeCount>& all_event_types();

enum class EventSubject { payment, refund, dispute, payout };
EventSubject subject_of(EventType type);

// What a provider said, in our words. An empty text means that the provider did not say it.
struct UnifiedEvent {
    EventType type = EventType::payment_created;
    std::string gateway_payment_id;
    std::string gateway_refund_id;
    std::string gateway_dispute_id;
    std::string gateway_payout_id;
    std::string merchant_reference;
    std::string amount;    // exact decimal, major units
    std::string currency;  // upper case ISO 4217
    std::string reason;
    std::string outcome;                   // of a dispute: its status, in the provider's word
    std::string occurred_at;               // ISO 8601, when the provider says so
    std::optional<bool> gateway_livemode;  // the provider's own word

    bool operator==(const UnifiedEvent&) const = default;
};

// One thing a provider told us: one webhook post may carry several (Adyen, GoCardless).
struct ProviderEvent {
    std::string id;    // unique for ever within the gateway instance; the dedupe key
    std::string type;  // the provider's own word
    std::optional<UnifiedEvent> unified;  // absent: outside our vocabulary

    bool operator==(const ProviderEvent&) const = default;
};

}  // namespace postern
