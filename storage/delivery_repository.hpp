#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/delivery_values.hpp"
#include "storage/paging.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

// One event for one endpoint; there is never a second row for the same two.
struct DeliveryRow {
    DeliveryId id;
    EventId event;
    EndpointId endpoint;
    AccountId account;
    Livemode livemode = Livemode::test;
    std::int64_t sequence = 0;   // gapless for each endpoint, from 1
    std::int64_t order_key = 0;  // which payment; 0: order does not matter there
    DeliveryState state = DeliveryState::pending;
    std::optional<DeliveryQueue> queue;  // absent: closed
    TimePoint due_at;                    // of an open one
    std::int64_t fence = 0;              // grows with each change: a late worker's change is void
    std::int64_t attempts = 0;           // in all
    std::int64_t round_attempts = 0;     // since it was scheduled or last retried by hand
    TimePoint round_started_at;
    AttemptTrigger trigger = AttemptTrigger::scheduled;  // of the round
    std::int64_t last_status = 0;                        // HTTP; 0: none
    AttemptError last_error = AttemptError::none;
    std::string reason;  // of skipped, canceled, dead: a word
    TimePoint created_at;
    std::optional<TimePoint> finished_at;

    bool operator==(const DeliveryRow&) const = default;
};

// What a step of its life changes. Applied only while the row's fence is `fence`; it becomes one
// more.
struct DeliveryChange {
    DeliveryId id;
    std::int64_t fence = 0;
    DeliveryState state = DeliveryState::pending;
    std::optional<DeliveryQueue> queue;
    TimePoint due_at;
    std::int64_t order_key = 0;
    std::int64_t attempts = 0;
    std::int64_t round_attempts = 0;
    TimePoint round_started_at;
    AttemptTrigger trigger = AttemptTrigger::scheduled;
    std::int64_t last_status = 0;
    AttemptError last_error = AttemptError::none;
    std::string_view reason;
    std::optional<TimePoint> finished_at;
};

// The id is made here; `row.id` is not looked at. The event must have no delivery to that endpoint.
[[nodiscard]] Result<DeliveryId, StoreError>
insert_delivery(Transaction& transaction, const DeliveryRow& row);

// False: the fence does not fit, nothing was changed.
[[nodiscard]] Result<bool, StoreError>
change_delivery(Transaction& transaction, const DeliveryChange& change);
// The same for a row that this transaction has locked, whose fence is known to fit.
[[nodiscard]] Result<void, StoreError>
queue_delivery_change(Transaction& transaction, const DeliveryChange& change);

[[nodiscard]] Result<std::optional<DeliveryRow>, StoreError>
find_delivery(Connection& connection, DeliveryId id);

struct EventAtEndpoint {
    EventId event;
    EndpointId endpoint;
};
[[nodiscard]] Result<std::optional<DeliveryRow>, StoreError>
find_delivery_of(Connection& connection, const EventAtEndpoint& which);

struct KeyAtEndpoint {
    EndpointId endpoint;
    std::int64_t order_key = 0;
};
// The first open delivery of that payment to that endpoint, held or not.
[[nodiscard]] Result<std::optional<DeliveryRow>, StoreError>
first_open_of_key(Connection& connection, const KeyAtEndpoint& key);
// The first held one.
[[nodiscard]] Result<std::optional<DeliveryRow>, StoreError>
first_held_of_key(Connection& connection, const KeyAtEndpoint& key);
// Did an event of that payment that is later than `id` arrive there?
[[nodiscard]] Result<bool, StoreError>
has_newer_delivered(Connection& connection, const KeyAtEndpoint& key, DeliveryId id);

struct DueQuery {
    EndpointId endpoint;
    DeliveryQueue queue = DeliveryQueue::fresh;
    TimePoint due_until;  // included
    std::size_t rows_max = 64;
};
struct DueRows {
    std::vector<DeliveryRow> rows;      // by due_at, then id
    std::optional<TimePoint> next_due;  // of the first that is not among them, due or not
};
// By index, whatever the backlog.
[[nodiscard]] Result<DueRows, StoreError> load_due(Connection& connection, const DueQuery& query);
[[nodiscard]] Result<std::optional<TimePoint>, StoreError>
first_due(Connection& connection, EndpointId endpoint, DeliveryQueue queue);

struct DeliveryFilter {
    EndpointId endpoint;
    std::optional<DeliveryState> state;
    std::optional<TimePoint> since;  // to the millisecond of its making; included
    std::optional<TimePoint> until;
};
[[nodiscard]] Result<Page<DeliveryRow>, StoreError> list_deliveries(
    Connection& connection,
    const DeliveryFilter& filter,
    const PageRequest<DeliveryId>& page
);
[[nodiscard]] Result<std::vector<DeliveryRow>, StoreError>
list_deliveries_of_event(Connection& connection, EventId event);

// By its name in the API: waiting and pending are told apart, held ones count as pending.
struct DeliveryCounts {
    std::int64_t pending = 0;
    std::int64_t waiting = 0;
    std::int64_t delivered = 0;
    std::int64_t dead = 0;
    std::int64_t canceled = 0;
    std::int64_t skipped = 0;
    std::int64_t superseded = 0;
};
[[nodiscard]] Result<DeliveryCounts, StoreError>
count_deliveries(Connection& connection, EndpointId endpoint, TimePoint since);

// Sequence numbers that did not arrive (yet): everything that is not delivered, in order.
struct Gap {
    std::int64_t sequence = 0;
    DeliveryId delivery;
    EventId event;
    DeliveryState state = DeliveryState::pending;
};
struct GapQuery {
    EndpointId endpoint;
    std::int64_t after_sequence = 0;
    std::size_t rows_max = 100;
};
[[nodiscard]] Result<std::vector<Gap>, StoreError>
list_gaps(Connection& connection, const GapQuery& query);

// How many of an event's deliveries are still to be made.
[[nodiscard]] Result<std::int64_t, StoreError>
count_open_deliveries(Connection& connection, EventId event);

}  // namespace postern::storage
