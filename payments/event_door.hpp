#pragma once

#include "core/ids.hpp"
#include "core/trace.hpp"
#include "core/unified_event.hpp"
#include "payments/domain/values.hpp"
#include "storage/database.hpp"

#include <optional>
#include <string>

namespace postern::payments {

// Which request made the change: events name it.
struct RequestMark {
    std::string request_id;  // empty: no request, the gateway or time did it
    std::string idempotency_key;
    std::optional<TraceContext> trace = {};
};

// An event of the payment API, told in both dialects: each endpoint gets the one it asked for.
struct Announcement {
    Owner owner;
    // In the unified vocabulary; absent: a name that only Stripe's users know ("charge.succeeded"),
    // for endpoints that speak it and for those that name it.
    std::optional<EventType> type;
    std::string stripe_type;   // empty: no Stripe name (payment.action_completed)
    std::int64_t subject = 0;  // the number of the payment, refund, dispute or payout; 0: another
    storage::GatewayNumber gateway;
    std::string object;           // JSON, the R Commerce object; absent type: may be empty
    std::string stripe_object;    // JSON, the Stripe object
    std::string stripe_previous;  // JSON, what an update changed; empty: nothing
    RequestMark request;
};

// The one way out: stores the event and one delivery for each subscriber in the transaction that
// made the change. Who owns it sends them on after the commit.
class EventDoor {
 public:
    virtual ~EventDoor() = default;
    [[nodiscard]] virtual Result<EventId, storage::StoreError>
    announce(storage::Transaction& transaction, const Announcement& announcement) = 0;
};

}  // namespace postern::payments
