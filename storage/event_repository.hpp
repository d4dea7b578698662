#pragma once

#include "core/ids.hpp"
#include "core/unified_event.hpp"
#include "storage/database.hpp"
#include "storage/paging.hpp"

#include <optional>
#include <string>

namespace postern::storage {

struct EventRow {
    EventId id;
    AccountId account;
    Livemode livemode = Livemode::test;
    EventType type = EventType::payment_created;
    GatewayNumber gateway;
    InboxId inbox;
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
    std::optional<GatewayNumber> gateway;
    std::optional<TimePoint> since;  // to the millisecond; included
    std::optional<TimePoint> until;  // not included
};

[[nodiscard]] Result<Page<EventRow>, StoreError>
list_events(Connection& connection, const EventFilter& filter, const PageRequest<EventId>& page);
[[nodiscard]] Result<std::optional<EventRow>, StoreError>
find_event(Connection& connection, EventId id);
// Ingest writes its own events; this is for those found later, when an inbox row is reprocessed.
[[nodiscard]] Result<void, StoreError> insert_event(Transaction& transaction, const EventRow& row);

}  // namespace postern::storage
