#include "storage/write_batch.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

namespace postern::storage {

WriteBatch::WriteBatch(const Parts& parts, const BatchLimits& limits)
    : parts_{parts}, limits_{limits}, random_{std::random_device{}()} {}

WriteBatch::Report WriteBatch::run(Room room) {
    Report report{.room = room};
    wanted_locks_.clear();
    if (room == Room::low) fail_open_ingest(StoreError::full);
    if (!has_open_units()) return report;
    const auto settled = settle(report);
    if (!settled) fail_open(settled.error());
    return report;
}

Result<void, StoreError> WriteBatch::settle(Report& report) {
    const auto together = run_patiently(Ways::together);
    if (together) return {};
    const auto settled = settle_failed(together.error(), report);
    if (settled || settled.error() != StoreError::full) return settled;
    parts_.connection.give_up_reserve();
    return settled;
}

// What the first failure was decides the second try, and there is no third.
Result<void, StoreError> WriteBatch::settle_failed(StoreError error, Report& report) {
    if (parts_.database.poison().is_set()) return StoreError::poisoned;
    // It may be committed. Only whoever asks again finds out, and is told so.
    if (error == StoreError::unavailable) return error;
    if (error == StoreError::full) {
        // The reserve is for what must go through; new events are safe with the provider.
        parts_.connection.give_up_reserve();
        report.room = Room::low;
        fail_open_ingest(StoreError::full);
    } else {
        report.ways = Ways::apart;
    }
    if (!has_open_units()) return {};
    return run_patiently(Ways::apart);
}

// Busy is nobody's fault: a deadlock, or a row that another node held for too long.
Result<void, StoreError> WriteBatch::run_patiently(Ways ways) {
    for (retries_left_ = limits_.busy_retries_max;; --retries_left_) {
        const auto run = run_transaction(ways);
        if (run || run.error() != StoreError::busy || retries_left_ == 0) return run;
        pause(limits_.busy_retries_max - retries_left_ + 1);
        if (!has_open_units()) return {};
    }
}

// Not the same for two nodes that are in each other's way.
void WriteBatch::pause(int retry) {
    const auto longest = std::chrono::microseconds{limits_.busy_pause_max} * retry;
    std::uniform_int_distribution<std::int64_t> some{longest.count() / 10, longest.count()};
    std::mutex mutex;
    std::unique_lock lock{mutex};
    std::condition_variable nobody;
    nobody.wait_for(lock, std::chrono::microseconds{some(random_)});
}

Result<void, StoreError> WriteBatch::run_transaction(Ways ways) {
    const auto begun = parts_.connection.begin();
    if (!begun) return begun.error();
    Transaction transaction{{parts_.connection, parts_.database.ids(), parts_.clock.now()}};
    const auto run = run_inside(transaction, ways);
    const LockNames& lacking = transaction.locks().lacking();
    wanted_locks_.insert(lacking.begin(), lacking.end());
    if (run) return parts_.connection.commit();
    parts_.connection.rollback();
    return run.error();
}

Result<void, StoreError> WriteBatch::run_inside(Transaction& transaction, Ways ways) {
    const auto begun = begin_work(transaction);
    if (!begun) return begun.error();
    // Ids tell the time, and who follows a list does not wait for one that waited for its turn.
    transaction.look_at(parts_.clock);
    if (ways == Ways::apart) return run_apart(transaction);
    return guarded([this, &transaction] { return run_together(transaction); });
}

Result<void, StoreError> WriteBatch::begin_work(Transaction& transaction) {
    if (must_take_turn()) {
        const auto taken = transaction.take_turn();
        if (!taken) return taken.error();
    }
    return transaction.locks().begin(transaction, wanted_locks_);
}

// The task boundary: what a unit throws is that unit's failure, and the writer goes on.
template <class Work>
Result<void, StoreError> WriteBatch::guarded(Work work) {
    try {
        return work();
    } catch (const std::exception& thrown) {
        log::error("store.unit_threw", {{"reason", thrown.what()}});
        return StoreError::failed;
    }
}

Result<void, StoreError> WriteBatch::run_together(Transaction& transaction) {
    sort_out();
    const auto ingested = run_ingest(transaction, ingest_items_);
    if (!ingested) return ingested.error();
    const auto grouped = run_groups(transaction);
    if (!grouped) return grouped.error();
    for (const Taken& taken : taken_) {
        WorkUnit& unit = *taken.unit;
        if (taken.error || unit.ingest_item() != nullptr || unit.group() != nullptr) continue;
        const auto run = unit.run(transaction);
        if (!run) return run.error();
    }
    return {};
}

void WriteBatch::sort_out() {
    ingest_items_.clear();
    groups_.clear();
    for (const Taken& taken : taken_) {
        if (taken.error) continue;
        if (IngestItem* item = taken.unit->ingest_item()) ingest_items_.push_back(item);
        const UnitGroup* group = taken.unit->group();
        if (group == nullptr) continue;
        auto found = std::find_if(groups_.begin(), groups_.end(), [group](const auto& grouped) {
            return grouped.group == group;
        });
        if (found == groups_.end()) found = groups_.insert(found, {group, {}});
        found->units.push_back(taken.unit);
    }
}

Result<void, StoreError> WriteBatch::run_groups(Transaction& transaction) {
    for (const GroupedUnits& grouped : groups_) {
        const auto run = grouped.group->run(transaction, grouped.units);
        if (!run) return run.error();
    }
    return {};
}

// Step by step, and within each all of the batch: so locks are taken in one order, and what a step
// reads it reads at once.
Result<void, StoreError>
WriteBatch::run_ingest(Transaction& transaction, std::span<IngestItem* const> items) {
    if (items.empty()) return {};
    const auto ingested = parts_.connection.ingest(transaction, items);
    if (!ingested) return ingested.error();
    stored_items_.clear();
    for (IngestItem* item : items) {
        item->outcome.turns.clear();
        item->outcome.deliveries.clear();
        if (item->outcome.kind == IngestKind::stored) stored_items_.push_back(item);
    }
    if (stored_items_.empty()) return {};
    for (IngestStep* step : parts_.ingest_steps) {
        const auto done = step->run(transaction, stored_items_);
        if (!done) return done.error();
    }
    return {};
}

Result<void, StoreError> WriteBatch::run_unit(Transaction& transaction, WorkUnit& unit) {
    if (IngestItem* item = unit.ingest_item()) return run_ingest(transaction, {&item, 1});
    WorkUnit* one = &unit;
    if (const UnitGroup* group = unit.group()) return group->run(transaction, {&one, 1});
    return unit.run(transaction);
}

// A row that the batch begins with and waited for in vain is no unit's failure.
Result<void, StoreError> WriteBatch::await_locks() {
    if (wanted_locks_.empty()) return {};
    const auto begun = parts_.connection.begin_savepoint();
    if (!begun) return begun.error();
    return parts_.connection.release_savepoint();
}

Result<void, StoreError> WriteBatch::run_apart(Transaction& transaction) {
    if (const auto held = await_locks(); !held) return held.error();
    for (Taken& taken : taken_) {
        if (taken.error) continue;
        const auto run = run_one_apart(transaction, taken);
        if (!run) return run.error();
    }
    // The others ran all the same, so that one more run begins with what all of them lack.
    if (is_to_begin_again(transaction)) return StoreError::busy;
    return {};
}

// A row that was wanted out of order is no unit's failure: it is locked first the next time.
bool WriteBatch::is_to_begin_again(Transaction& transaction) const {
    const LockNames& lacking = transaction.locks().lacking();
    return retries_left_ > 0
           && !std::includes(
               wanted_locks_.begin(), wanted_locks_.end(), lacking.begin(), lacking.end()
           );
}

// Fails only when the transaction itself is lost; a unit's own failure is noted and undone.
Result<void, StoreError> WriteBatch::run_one_apart(Transaction& transaction, Taken& taken) {
    LockNames held = transaction.locks().held();
    const auto begun = parts_.connection.begin_savepoint();
    if (!begun) return begun.error();
    const auto run = guarded([&] { return run_unit(transaction, *taken.unit); });
    Result<void, StoreError> released = run;
    if (run) released = parts_.connection.release_savepoint();
    if (released) return {};
    if (parts_.database.poison().is_set()) return StoreError::poisoned;
    if (released.error() == StoreError::unavailable) return StoreError::unavailable;
    const bool again = released.error() == StoreError::busy && is_to_begin_again(transaction);
    if (!again) taken.error = released.error();
    const auto undone = parts_.connection.rollback_savepoint();
    if (!undone) return released.error();
    // It may have waited for as long as anybody may, and those after it need not.
    if (released.error() == StoreError::busy) transaction.locks().distrust_since(held);
    transaction.locks().undo_to(std::move(held));
    return {};
}

bool WriteBatch::has_open_units() const {
    return std::any_of(taken_.begin(), taken_.end(), [](const Taken& taken) {
        return !taken.error;
    });
}

bool WriteBatch::must_take_turn() const {
    return std::any_of(taken_.begin(), taken_.end(), [](const Taken& taken) {
        return !taken.error && taken.unit->lane() == WorkLane::general;
    });
}

void WriteBatch::fail_open(StoreError error) {
    for (Taken& taken : taken_) {
        if (!taken.error) taken.error = error;
    }
}

void WriteBatch::fail_open_ingest(StoreError error) {
    for (Taken& taken : taken_) {
        if (!taken.error && taken.unit->ingest_item() != nullptr) taken.error = error;
    }
}

void WriteBatch::tell_ingest_steps() {
    if (parts_.ingest_steps.empty()) return;
    std::vector<const IngestItem*> stored;
    for (const Taken& taken : taken_) {
        const IngestItem* item = taken.error ? nullptr : taken.unit->ingest_item();
        if (item == nullptr || item->outcome.kind != IngestKind::stored) continue;
        stored.push_back(item);
    }
    if (stored.empty()) return;
    for (IngestStep* step : parts_.ingest_steps) step->committed(stored);
}

}  // namespace postern::storage
