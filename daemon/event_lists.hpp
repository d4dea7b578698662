#pragma once

#include "storage/event_repository.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace postern::daemon {

// One type of events as the store knows them: of our vocabulary, or a name of Stripe's users only.
struct WantedType {
    std::optional<EventType> type;
    std::string own_type = {};

    bool operator==(const WantedType&) const = default;
};

// The names that only Stripe's users know, by an exact name or "charge.*".
std::vector<WantedType> stripes_own_types(std::string_view pattern);

// One page of all these types together; none: of all events that the filter admits. A list is read
// for each type, because the indexes are by type and then by id: a common list would read and drop
// everything else in between.
[[nodiscard]] Result<storage::Page<storage::EventRow>, storage::StoreError> list_events_of(
    storage::Connection& connection,
    const storage::EventFilter& filter,
    std::span<const WantedType> types,
    const storage::PageRequest<EventId>& wish
);

}  // namespace postern::daemon
