#pragma once

#include "core/unified_event.hpp"
#include "payments/records/gateway_records.hpp"

#include <optional>
#include <vector>

// What is asked across objects: who owns a payment, what was told of it, what its gateway still has
// to answer.
namespace postern::payments {

// For webhooks, which name a payment and no account.
[[nodiscard]] Result<std::optional<Payment>, StoreError>
find_anyones_payment(Connection& connection, PaymentId id);

// Not about its refunds or disputes: what moves the payment itself.
bool is_about_payment_itself(OrderKind kind);
// Of a payment: oldest first.
[[nodiscard]] Result<std::vector<OrderRow>, StoreError>
open_orders_of(Connection& connection, PaymentId payment);

// Payments of a gateway whose money has been held since then or longer: oldest first.
struct HeldSince {
    storage::GatewayNumber gateway;
    TimePoint at;
    std::size_t rows_max = 0;
};
[[nodiscard]] Result<std::vector<PaymentId>, StoreError>
payments_held(Connection& connection, const HeldSince& since);

// An event of the unified vocabulary about a payment, refund, dispute or payout.
struct TellingOf {
    std::int64_t subject = 0;
    EventType type = EventType::payment_created;
};
struct ToldEvent {
    EventId id;
    TimePoint created_at;
};
inline constexpr std::size_t kToldEventsMax = 20;
// Newest first, at most kToldEventsMax.
[[nodiscard]] Result<std::vector<ToldEvent>, StoreError>
events_telling(Connection& connection, const TellingOf& what);

}  // namespace postern::payments
