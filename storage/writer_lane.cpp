#include "storage/writer_lane.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::chrono::microseconds age_of(SteadyClock::time_point since) {
    return std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - since);
}

}  // namespace

WriterLane::WriterLane(const Parts& parts)
    : parts_{parts},
      common_{parts.common},
      batch_{
          {.database = parts.common.database,
           .connection = parts.connection,
           .clock = parts.common.clock,
           .ingest_steps = parts.ingest_steps},
          parts.common.options.limits.batch} {
    thread_ = std::jthread{[this] {
        run_thread();
    }};
}

WriterLane::~WriterLane() {
    join();
}

Submitted WriterLane::submit(WorkUnit& unit) {
    if (common_.database.poison().is_set()) return Submitted::poisoned;
    const std::size_t weight = unit.weight_bytes();
    const auto now = SteadyClock::now();
    bool must_wake = false;
    {
        const std::lock_guard lock{common_.mutex};
        if (common_.phase == WriterCommon::Phase::stopping) return Submitted::closed;
        if (held_units_ >= parts_.share.units_max) return Submitted::overloaded;
        if (weight > parts_.share.bytes_max - held_bytes_) return Submitted::overloaded;
        waiting_.push_back({&unit, weight, now});
        held_units_ += 1;
        held_bytes_ += weight;
        must_wake = sleep_ == Sleep::yes;
        sleep_ = Sleep::no;  // one wake-up a batch: the others find the lane on its way
    }
    if (must_wake) wake_.notify_one();
    return Submitted::queued;
}

void WriterLane::wake() {
    {
        const std::lock_guard lock{common_.mutex};
        sleep_ = Sleep::no;
    }
    wake_.notify_one();
}

void WriterLane::join() {
    const std::lock_guard lock{join_mutex_};
    if (thread_.joinable()) thread_.join();
}

// Under the common mutex.
std::chrono::microseconds WriterLane::oldest_waiting() const {
    const std::int64_t in_hand_ns = oldest_in_hand_ns_.load();
    if (in_hand_ns != 0) return age_of(SteadyTime{std::chrono::nanoseconds{in_hand_ns}});
    return waiting_.empty() ? std::chrono::microseconds{0} : age_of(waiting_.front().since);
}

void WriterLane::run_thread() {
    for (;;) {
        Load load = Load::burst;
        switch (next_turn()) {
            case Turn::stop: return;
            case Turn::idle:
                load = Load::idle;
                house_ = House::kept;
                room_ = parts_.connection.room();
                break;
            case Turn::work:
                run_batch();
                house_ = House::due;
                break;
        }
        // A failure here is the driver's to report: nobody's work depends on it.
        static_cast<void>(parts_.connection.keep_house(load));
    }
}

WriterLane::Turn WriterLane::next_turn() {
    if (next_taken_over_ == taken_over_.size()) {
        const Turn turn = wait_for_work();
        if (turn != Turn::work) return turn;
    }
    take_batch();
    return Turn::work;
}

WriterLane::Turn WriterLane::wait_for_work() {
    taken_over_.clear();
    next_taken_over_ = 0;
    std::unique_lock lock{common_.mutex};
    if (waiting_.empty() && common_.phase == WriterCommon::Phase::open) {
        sleep_ = Sleep::yes;
        const auto awake = [this] {
            return sleep_ == Sleep::no;
        };
        const bool watch_space = room_ == Room::low;
        if (house_ == House::due || watch_space) {
            const auto& limits = common_.options.limits;
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
    if (waiting_.empty())
        return common_.phase == WriterCommon::Phase::stopping ? Turn::stop : Turn::idle;
    taken_over_.swap(waiting_);
    return Turn::work;
}

void WriterLane::take_batch() {
    batch_.clear();
    batch_bytes_ = 0;
    oldest_in_hand_ns_ = taken_over_[next_taken_over_].since.time_since_epoch().count();
    const WriterLimits& limits = common_.options.limits;
    while (next_taken_over_ < taken_over_.size() && batch_.taken().size() < limits.batch_units_max
    ) {
        const Waiting& next = taken_over_[next_taken_over_];
        const bool fits = batch_bytes_ + next.weight_bytes <= limits.batch_bytes_max;
        if (!fits && !batch_.taken().empty()) return;
        batch_.add(*next.unit);
        batch_bytes_ += next.weight_bytes;
        next_taken_over_ += 1;
    }
}

void WriterLane::run_batch() {
    const auto started = SteadyClock::now();
    const auto report = batch_.run(parts_.connection.room());
    room_ = report.room;
    if (report.ways == WriteBatch::Ways::apart && common_.options.metrics) {
        Counter isolated = common_.options.metrics->batches_isolated;
        isolated.add();
    }
    complete_batch(started);
}

void WriterLane::complete_batch(SteadyTime started) {
    const auto elapsed = age_of(started);
    common_.last_commit_us = elapsed.count();
    const auto& taken = batch_.taken();
    const auto failed_units =
        static_cast<std::size_t>(std::count_if(taken.begin(), taken.end(), [](const auto& unit) {
            return unit.error.has_value();
        }));
    std::uint64_t number = common_.commits.load();
    if (failed_units < taken.size()) number = common_.commits.fetch_add(1) + 1;
    observe(elapsed, failed_units);
    release_batch();
    batch_.tell_ingest_steps();
    const Committed committed{number};
    for (const auto& [unit, error] : taken) {
        if (error) {
            unit->done(*error);
        } else {
            unit->done(committed);
        }
    }
}

void WriterLane::observe(std::chrono::microseconds elapsed, std::size_t failed_units) const {
    if (!common_.options.metrics) return;
    WriterMetrics metrics = *common_.options.metrics;  // handles, all of them
    metrics.batch_units.observe(static_cast<double>(batch_.taken().size()));
    metrics.commit_seconds.observe(std::chrono::duration<double>(elapsed).count());
    if (failed_units > 0) metrics.units_failed.add(static_cast<double>(failed_units));
}

// Before the answers go out, so that who hears "done" finds room for the next.
void WriterLane::release_batch() {
    oldest_in_hand_ns_ = 0;
    const std::lock_guard lock{common_.mutex};
    held_units_ -= batch_.taken().size();
    held_bytes_ -= batch_bytes_;
}

}  // namespace postern::storage
