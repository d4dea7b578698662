#pragma once

#include "dispatch/delivery_book.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace postern::dispatch {

// A table in memory that can be told to fail at its n-th call.
class DeliveryTableFake final : public DeliveryTable {
 public:
    TimePoint now() const override { return time; }

    Answer<std::int64_t> next_sequence(EndpointId endpoint) override {
        if (fails()) return storage::StoreError::busy;
        return ++sequences[endpoint];
    }
    Answer<DeliveryId> insert(const storage::DeliveryRow& row) override {
        if (fails()) return storage::StoreError::busy;
        const DeliveryId id{static_cast<std::int64_t>(rows.size()) + 1};
        rows[id] = row;
        rows[id].id = id;
        return id;
    }
    Answer<bool> change(const storage::DeliveryChange& change) override {
        if (fails()) return storage::StoreError::busy;
        const auto found = rows.find(change.id);
        if (found == rows.end() || found->second.fence != change.fence) return false;
        write(found->second, change);
        return true;
    }
    Answer<std::optional<storage::DeliveryRow>> find(DeliveryId id) override {
        return first([id](const storage::DeliveryRow& row) { return row.id == id; });
    }
    Answer<std::optional<storage::DeliveryRow>> find_of(const storage::EventAtEndpoint& which
    ) override {
        return first([&which](const storage::DeliveryRow& row) {
            return row.event == which.event && row.endpoint == which.endpoint;
        });
    }
    Answer<std::optional<storage::DeliveryRow>> first_open(const storage::KeyAtEndpoint& key
    ) override {
        return first([&key](const storage::DeliveryRow& row) {
            return row.endpoint == key.endpoint && row.order_key == key.order_key
                   && is_open(row.state);
        });
    }
    Answer<std::optional<storage::DeliveryRow>> first_held(const storage::KeyAtEndpoint& key
    ) override {
        return first([&key](const storage::DeliveryRow& row) {
            return row.endpoint == key.endpoint && row.order_key == key.order_key
                   && row.queue == storage::DeliveryQueue::held;
        });
    }
    Answer<AttemptId> insert_attempt(const storage::AttemptRow& row) override {
        if (fails()) return storage::StoreError::busy;
        attempts.push_back(row);
        return AttemptId{static_cast<std::int64_t>(attempts.size())};
    }

    TimePoint time = from_unix_seconds(1'750'000'000);
    std::map<DeliveryId, storage::DeliveryRow> rows;
    std::map<EndpointId, std::int64_t> sequences;
    std::vector<storage::AttemptRow> attempts;
    int calls_until_failure = -1;  // below 0: never

 private:
    bool fails() { return calls_until_failure >= 0 && calls_until_failure-- == 0; }

    template <class Wanted>
    Answer<std::optional<storage::DeliveryRow>> first(Wanted wanted) {
        if (fails()) return storage::StoreError::busy;
        for (const auto& [id, row] : rows) {
            if (wanted(row)) return std::optional{row};
        }
        return std::optional<storage::DeliveryRow>{};
    }

    static void write(storage::DeliveryRow& row, const storage::DeliveryChange& change) {
        row.state = change.state;
        row.queue = change.queue;
        row.due_at = change.due_at;
        row.fence = change.fence + 1;
        row.order_key = change.order_key;
        row.attempts = change.attempts;
        row.round_attempts = change.round_attempts;
        row.round_started_at = change.round_started_at;
        row.trigger = change.trigger;
        row.last_status = change.last_status;
        row.last_error = change.last_error;
        row.reason = change.reason;
        row.finished_at = change.finished_at;
    }
};

}  // namespace postern::dispatch
