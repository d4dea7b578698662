#pragma once

#include "core/ids.hpp"
#include "core/trace.hpp"
#include "core/unified_event.hpp"
#include "storage/database.hpp"
#include "storage/paging.hpp"

#include <optional>
#include <string>

namespace postern::storage {

// Stored numbers: new values are added at the end only.
enum class StoredEventKind : std::uint8_t {
    unified,      // in our vocabulary
    message,      // a merchant's own
    operational,  // about deliveries themselves
    stripe,       // of our own payment API, under a name that only Stripe's users know
};

struct EventRow {
    EventId id;
    AccountId account;
    Livemode livemode = Livemode::test;
    StoredEventKind kind = StoredEventKind::unified;
    EventType type = EventType::payment_created;  // of a unified one
    std::string own_type;                         // of another; of a stripe one that name
    std::string external_id;                      // the sender's name for a message; unique
    std::string channels;                         // of a message: a JSON list; empty: none
    GatewayNumber gateway;                        // 0: not from a provider
    InboxId inbox;                                // 0: the same
    std::string gateway_event_id;
    std::string gateway_event_type;
    TimePoint created_at;
    std::string object;  // JSON; of a stripe one perhaps empty

    // Of our own payment API's events, and of those that a provider told about its payments.
    std::int64_t subject = 0;   // the number of the payment, refund, dispute or payout; 0: another
    std::string stripe_type;    // empty: what the type is called there in general
    std::string stripe_object;  // JSON; empty: to be made of the object
    std::string stripe_previous;  // JSON, what an update changed; empty: nothing
    std::string request_id;       // of the request that made it; empty: none did
    std::string idempotency_key;
    std::optional<TraceContext> trace = {};  // of the request that told it

    bool operator==(const EventRow&) const = default;
};

struct EventFilter {
    std::optional<AccountId> account;
    std::optional<Livemode> livemode;
    std::optional<EventType> type;
    std::optional<StoredEventKind> kind;
    std::string own_type;  // of kind stripe; empty: any
    // Unified ones and those of kind stripe: what the payment API's users know as events.
    enum class Kinds : std::uint8_t { any, of_payments } kinds = Kinds::any;
    std::optional<GatewayNumber> gateway;
    // Whether each delivery of it arrived, or some are pending or failed.
    enum class Arrival : std::uint8_t { any, everywhere, not_everywhere } arrival = Arrival::any;
    std::optional<TimePoint> since;  // to the millisecond; included
    std::optional<TimePoint> until;  // not included
};

[[nodiscard]] Result<Page<EventRow>, StoreError>
list_events(Connection& connection, const EventFilter& filter, const PageRequest<EventId>& page);
[[nodiscard]] Result<std::optional<EventRow>, StoreError>
find_event(Connection& connection, EventId id);
struct ExternalEvent {
    AccountId account;
    Livemode livemode = Livemode::test;
    std::string_view external_id;
};
[[nodiscard]] Result<std::optional<EventRow>, StoreError>
find_event_by_external_id(Connection& connection, const ExternalEvent& which);
std::string_view type_name(const EventRow& row);  // of any kind
// Ingest writes its own events; this is for all others.
[[nodiscard]] Result<void, StoreError> insert_event(Transaction& transaction, const EventRow& row);

// An event that a provider told, once it is known to be about a payment of our own.
struct EventCorrection {
    EventId id;
    AccountId account;
    Livemode livemode = Livemode::test;
    std::int64_t subject = 0;
    std::string_view object;
    std::string_view stripe_type;
    std::string_view stripe_object;
};
[[nodiscard]] Result<void, StoreError>
correct_event(Transaction& transaction, const EventCorrection& correction);
// One that was told before. In the transaction that inserted it only: nobody has seen it.
[[nodiscard]] Result<void, StoreError> withdraw_event(Transaction& transaction, EventId id);

}  // namespace postern::storage
