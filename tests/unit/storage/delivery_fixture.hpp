#pragma once

#include "storage/account_repository.hpp"
#include "storage/delivery_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <vector>

namespace postern::storage {

inline constexpr EndpointId kEndpoint{11};
inline constexpr EndpointId kOtherEndpoint{12};
inline constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);

constexpr TimePoint seconds_later(std::int64_t seconds) {
    return kNow + std::chrono::seconds{seconds};
}

// A store with deliveries in it; no endpoints and events are needed for that.
class DeliveryStoreTest : public StoreTest {
 protected:
    // A fresh one for kEndpoint, of an event of its own, due now.
    DeliveryRow next_row() {
        DeliveryRow row;
        row.event = EventId{1'000 + ++made_};
        row.endpoint = kEndpoint;
        row.account = kDefaultAccount;
        row.sequence = made_;
        row.queue = DeliveryQueue::fresh;
        row.due_at = kNow;
        row.round_started_at = kNow;
        row.created_at = kNow;
        return row;
    }
    DeliveryRow next_row(DeliveryState state) {
        DeliveryRow row = next_row();
        row.state = state;
        if (state == DeliveryState::waiting) row.queue = DeliveryQueue::retry;
        if (!is_open(state)) {
            row.queue.reset();
            row.finished_at = kNow;
        }
        return row;
    }
    // The same with its id.
    DeliveryRow insert(DeliveryRow row) {
        row.id = written(*database_, [&row](Transaction& transaction) {
            return insert_delivery(transaction, row);
        });
        return row;
    }
    bool change(const DeliveryChange& change) {
        return written(*database_, [&change](Transaction& transaction) {
            return change_delivery(transaction, change);
        });
    }
    Connection& connection() { return database_->writer(); }

    std::int64_t made_ = 0;
};

// What leaves the row as it is, but for the fence.
inline DeliveryChange change_of(const DeliveryRow& row) {
    return {
        .id = row.id,
        .fence = row.fence,
        .state = row.state,
        .queue = row.queue,
        .due_at = row.due_at,
        .order_key = row.order_key,
        .attempts = row.attempts,
        .round_attempts = row.round_attempts,
        .round_started_at = row.round_started_at,
        .trigger = row.trigger,
        .last_status = row.last_status,
        .last_error = row.last_error,
        .reason = row.reason,
        .finished_at = row.finished_at};
}

inline DeliveryChange delivered(const DeliveryRow& row) {
    DeliveryChange change = change_of(row);
    change.state = DeliveryState::delivered;
    change.queue.reset();
    change.finished_at = kNow;
    return change;
}

template <class Row>
auto ids_of(const std::vector<Row>& rows) {
    std::vector<decltype(Row::id)> ids;
    for (const Row& row : rows) ids.push_back(row.id);
    return ids;
}

}  // namespace postern::storage
