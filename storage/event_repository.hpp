#pragma once

#include "core/ids.hpp"
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
};

struct EventRow {
    EventId id;
    AccountId account;
    Livemode livemode = Livemode::test;
    StoredEventKind kind = StoredEventKind::unified;
    EventType type = EventType::payment_created;  // of a unified one
    std::string own_type;                         // of another
    std::string external_id;                      // the sender's name for a message; unique
    std::string channels;                         // of a message: a JSON list; empty: none
    GatewayNumber gateway;                        // 0: not from a provider
    InboxId inbox;                                // 0: the same
    std::string gateway_event_id;
    std::string gateway_event_type;
    TimePoint created_at;
    std::string object;  // JSON

    bool operator==(const EventRow&) const = default;
};

struct EventFilter {
    std::optional<AccountId> account;
    std::optional<Livemode> livemode;
    std::optional<EventType> type;
    std::optional<StoredEventKind> kind;
    std::optional<GatewayNumber> gateway;
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

}  // namespace postern::storage
