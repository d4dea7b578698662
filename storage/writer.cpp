#include "storage/writer.hpp"

#include "core/assert.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <exception>

namespace postern::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::chrono::microseconds age_of(SteadyClock::time_point since) {
    return std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - since);
}

}  // namespace

WriterMetrics make_writer_metrics(MetricRegistry& registry) {
    return {
        .batch_units = registry.histogram(
            {"postern_store_batch_units", "Units of work in one commit"},
            {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}
        ),
        .commit_seconds = registry.histogram(
            {"postern_store_commit_seconds", "From taking a batch to the end of its commit"},
            {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5}
        ),
        .units_failed =
            registry.counter({"postern_store_units_failed_total", "Units of work not committed"}),
        .batches_isolated = registry.counter(
            {"postern_store_batches_isolated_total", "Batches run again, each unit by itself"}
        ),
    };
}

Writer::Writer(Database& database, const Clock& clock, WriterOptions options)
    : database_{database},
      connection_{database.writer()},
      clock_{clock},
      options_{std::move(options)} {
    thread_ = std::jthread{[this] {
        run_thread();
    }};
}

Writer::~Writer() {
    stop();
}

Submitted Writer::submit(WorkUnit& unit) {
    if (database_.poison().is_set()) return Submitted::poisoned;
    const std::size_t weight = unit.weight_bytes();
    const auto now = SteadyClock::now();
    bool must_wake = false;
    {
        const std::lock_guard lock{mutex_};
        if (phase_ == Phase::stopping) return Submitted::closed;
        const WriterLimits& limits = options_.limits;
        if (held_units_ >= limits.queue_units_max) return Submitted::overloaded;
        if (weight > limits.queue_bytes_max - held_bytes_) return Submitted::overloaded;
        waiting_.push_back({&unit, weight, now});
        held_units_ += 1;
        held_bytes_ += weight;
        must_wake = sleep_ == Sleep::yes;
        sleep_ = Sleep::no;  // one wake-up a batch: the others find the writer on its way
    }
    if (must_wake) wake_.notify_one();
    return Submitted::queued;
}

void Writer::stop() {
    {
        const std::lock_guard lock{mutex_};
        phase_ = Phase::stopping;
        sleep_ = Sleep::no;
    }
    wake_.notify_one();
    const std::lock_guard lock{stop_mutex_};
    if (thread_.joinable()) thread_.join();
}

WriterStatus Writer::status() const {
    WriterStatus status;
    status.last_commit = std::chrono::microseconds{last_commit_us_.load()};
    status.commits = commits_.load();
    status.room = room_.load();
    const std::int64_t in_hand_ns = oldest_in_hand_ns_.load();
    const std::lock_guard lock{mutex_};
    status.queue_units = held_units_;
    status.queue_bytes = held_bytes_;
    if (in_hand_ns != 0) {
        status.oldest_waiting = age_of(SteadyTime{std::chrono::nanoseconds{in_hand_ns}});
    } else if (!waiting_.empty()) {
        status.oldest_waiting = age_of(waiting_.front().since);
    }
    return status;
}

void Writer::run_thread() {
    for (;;) {
        Load load = Load::burst;
        switch (next_turn()) {
            case Turn::stop: return;
            case Turn::idle:
                load = Load::idle;
                house_ = House::kept;
                room_ = connection_.room();
                break;
            case Turn::work:
                run_batch();
                house_ = House::due;
                break;
        }
        // A failure here is the driver's to report: nobody's work depends on it.
        static_cast<void>(connection_.keep_house(load));
    }
}

Writer::Turn Writer::next_turn() {
    if (next_taken_over_ == taken_over_.size()) {
        const Turn turn = wait_for_work();
        if (turn != Turn::work) return turn;
    }
    take_batch();
    return Turn::work;
}

Writer::Turn Writer::wait_for_work() {
    taken_over_.clear();
    next_taken_over_ = 0;
    std::unique_lock lock{mutex_};
    if (waiting_.empty() && phase_ == Phase::open) {
        sleep_ = Sleep::yes;
        const auto awake = [this] {
            return sleep_ == Sleep::no;
        };
        const bool watch_space = room_ == Room::low;
        if (house_ == House::due || watch_space) {
            const auto& limits = options_.limits;
            const auto patience =
                house_ == House::due ? limits.idle_after : limits.low_space_check_every;
            if (!wake_.wait_for(lock, patience, awake)) {
                sleep_ = Sleep::no;
                return Turn::idle;
            }
        } else {
            wake_.wait(lock, awake);
        }
    }
    if (waiting_.empty()) return phase_ == Phase::stopping ? Turn::stop : Turn::idle;
    taken_over_.swap(waiting_);
    return Turn::work;
}

void Writer::take_batch() {
    batch_.clear();
    batch_bytes_ = 0;
    oldest_in_hand_ns_ = taken_over_[next_taken_over_].since.time_since_epoch().count();
    const WriterLimits& limits = options_.limits;
    while (next_taken_over_ < taken_over_.size() && batch_.size() < limits.batch_units_max) {
        const Waiting& next = taken_over_[next_taken_over_];
        const bool fits = batch_bytes_ + next.weight_bytes <= limits.batch_bytes_max;
        if (!fits && !batch_.empty()) return;
        batch_.push_back({next.unit, std::nullopt});
        batch_bytes_ += next.weight_bytes;
        next_taken_over_ += 1;
    }
}

void Writer::run_batch() {
    const auto started = SteadyClock::now();
    room_ = connection_.room();
    if (room_ == Room::low) fail_open_ingest(StoreError::full);
    if (has_open_units()) {
        const auto settled = settle_batch();
        if (!settled) fail_open_units(settled.error());
    }
    complete_batch(started);
}

Result<void, StoreError> Writer::settle_batch() {
    const auto together = run_together();
    if (together) return {};
    const auto settled = settle_failed(together.error());
    if (settled || settled.error() != StoreError::full) return settled;
    connection_.give_up_reserve();
    return settled;
}

// What the first failure was decides the second try, and there is no third.
Result<void, StoreError> Writer::settle_failed(StoreError error) {
    if (database_.poison().is_set()) return StoreError::poisoned;
    if (error == StoreError::full) {
        // The reserve is for what must go through; new events are safe with the provider.
        connection_.give_up_reserve();
        room_ = Room::low;
        fail_open_ingest(StoreError::full);
    } else if (options_.metrics) {
        options_.metrics->batches_isolated.add();
    }
    if (!has_open_units()) return {};
    return run_apart();
}

// The task boundary: what a unit throws is that unit's failure, and the writer goes on.
template <class Work>
Result<void, StoreError> Writer::guarded(Work work) {
    try {
        return work();
    } catch (const std::exception& thrown) {
        log::error("store.unit_threw", {{"reason", thrown.what()}});
        return StoreError::failed;
    }
}

Result<void, StoreError> Writer::run_together() {
    const auto begun = connection_.begin();
    if (!begun) return begun.error();
    Transaction transaction{{connection_, database_.ids(), clock_.now()}};
    const auto run = guarded([&] { return run_open_units(transaction); });
    if (!run) {
        connection_.rollback();
        return run.error();
    }
    return connection_.commit();
}

Result<void, StoreError> Writer::run_open_units(Transaction& transaction) {
    ingest_items_.clear();
    for (const Taken& taken : batch_) {
        if (taken.error) continue;
        if (IngestItem* item = taken.unit->ingest_item()) ingest_items_.push_back(item);
    }
    const auto ingested = run_ingest(transaction, ingest_items_);
    if (!ingested) return ingested.error();
    for (const Taken& taken : batch_) {
        if (taken.error || taken.unit->ingest_item() != nullptr) continue;
        const auto run = run_unit(transaction, *taken.unit);
        if (!run) return run.error();
    }
    return {};
}

Result<void, StoreError>
Writer::run_ingest(Transaction& transaction, std::span<IngestItem* const> items) {
    if (items.empty()) return {};
    const auto ingested = connection_.ingest(transaction, items);
    if (!ingested) return ingested.error();
    for (IngestItem* item : items) {
        item->outcome.turns.clear();
        item->outcome.deliveries.clear();
        if (item->outcome.kind != IngestKind::stored) continue;
        for (IngestStep* step : options_.ingest_steps) {
            const auto done = step->run(transaction, *item);
            if (!done) return done.error();
        }
    }
    return {};
}

Result<void, StoreError> Writer::run_unit(Transaction& transaction, WorkUnit& unit) {
    IngestItem* item = unit.ingest_item();
    if (item == nullptr) return unit.run(transaction);
    return run_ingest(transaction, {&item, 1});
}

Result<void, StoreError> Writer::run_apart() {
    const auto begun = connection_.begin();
    if (!begun) return begun.error();
    Transaction transaction{{connection_, database_.ids(), clock_.now()}};
    for (Taken& taken : batch_) {
        if (taken.error) continue;
        const auto run = run_one_apart(transaction, taken);
        if (!run) {
            connection_.rollback();
            return run.error();
        }
    }
    return connection_.commit();
}

// Fails only when the transaction itself is lost; a unit's own failure is noted and undone.
Result<void, StoreError> Writer::run_one_apart(Transaction& transaction, Taken& taken) {
    const auto begun = connection_.begin_savepoint();
    if (!begun) return begun.error();
    const auto run = guarded([&] { return run_unit(transaction, *taken.unit); });
    if (run) return connection_.release_savepoint();
    if (database_.poison().is_set()) return StoreError::poisoned;
    taken.error = run.error();
    const auto undone = connection_.rollback_savepoint();
    if (!undone) return run.error();
    return {};
}

bool Writer::has_open_units() const {
    return std::any_of(batch_.begin(), batch_.end(), [](const Taken& taken) {
        return !taken.error;
    });
}

void Writer::fail_open_units(StoreError error) {
    for (Taken& taken : batch_) {
        if (!taken.error) taken.error = error;
    }
}

void Writer::fail_open_ingest(StoreError error) {
    for (Taken& taken : batch_) {
        if (!taken.error && taken.unit->ingest_item() != nullptr) taken.error = error;
    }
}

void Writer::complete_batch(SteadyTime started) {
    const auto elapsed = age_of(started);
    last_commit_us_ = elapsed.count();
    const auto failed_units = static_cast<std::size_t>(std::count_if(
        batch_.begin(), batch_.end(), [](const Taken& taken) { return taken.error.has_value(); }
    ));
    if (failed_units < batch_.size()) commits_ += 1;
    if (options_.metrics) {
        options_.metrics->batch_units.observe(static_cast<double>(batch_.size()));
        options_.metrics->commit_seconds.observe(std::chrono::duration<double>(elapsed).count());
        if (failed_units > 0) {
            options_.metrics->units_failed.add(static_cast<double>(failed_units));
        }
    }
    release_batch();
    tell_ingest_steps();
    const Committed committed{commits_.load()};
    for (const Taken& taken : batch_) {
        if (taken.error) {
            taken.unit->done(*taken.error);
        } else {
            taken.unit->done(committed);
        }
    }
}

void Writer::tell_ingest_steps() {
    if (options_.ingest_steps.empty()) return;
    stored_items_.clear();
    for (const Taken& taken : batch_) {
        const IngestItem* item = taken.error ? nullptr : taken.unit->ingest_item();
        if (item != nullptr && item->outcome.kind == IngestKind::stored) {
            stored_items_.push_back(item);
        }
    }
    if (stored_items_.empty()) return;
    for (IngestStep* step : options_.ingest_steps) step->committed(stored_items_);
}

// Before the answers go out, so that who hears "done" finds room for the next.
void Writer::release_batch() {
    oldest_in_hand_ns_ = 0;
    const std::lock_guard lock{mutex_};
    held_units_ -= batch_.size();
    held_bytes_ -= batch_bytes_;
}

}  // namespace postern::storage
