#include "cluster/reconciler.hpp"

#include "cluster/lane_records.hpp"
#include "core/log.hpp"
#include "net/spawn.hpp"

#include <algorithm>
#include <utility>

namespace postern::cluster {

namespace {

// What waits for nobody costs little where it stays, and is looked for in one walk of so many.
constexpr std::int64_t kWalksBetweenIdle = 10;
constexpr int kRestsPerRead = 9;

Counter repairs(MetricRegistry& metrics, std::string_view kind) {
    return metrics.counter(
        {"postern_queue_repairs_total",
         "Lanes whose due time in Redis was not the store's, by what was wrong"},
        {{"kind", kind}}
    );
}

}  // namespace

Reconciler::Reconciler(Parts parts)
    : parts_{std::move(parts)},
      missing_{repairs(parts_.metrics, "missing")},
      late_{repairs(parts_.metrics, "late")},
      idle_{repairs(parts_.metrics, "idle")},
      walks_{parts_.metrics.counter(
          {"postern_queue_walks_total", "Whole comparisons of Redis with the store by this node"}
      )},
      next_walk_{
          parts_.thread,
          [this] {
              ring();
          }},
      rest_alarm_{parts_.thread, [this] {
                      rest_sleeper_.wake();
                  }} {}

void Reconciler::start() {
    if (phase_ != Phase::stopped) return;
    phase_ = Phase::resting;
    failed_.reset();
    // Numbers of different nodes must differ, and those of one node must not repeat.
    walk_number_ = unix_microseconds(parts_.clock.now());
    next_walk_.set(std::chrono::microseconds{0});
}

void Reconciler::stop() {
    phase_ = Phase::stopped;
    next_walk_.cancel();
}

void Reconciler::hurry() {
    hurried_ = true;
    if (phase_ == Phase::resting) next_walk_.set(std::chrono::microseconds{0});
}

void Reconciler::ring() {
    if (phase_ != Phase::resting) return;
    if (walking_) {  // begun before a stop, and about to end
        next_walk_.set(parts_.limits.retry_after);
        return;
    }
    phase_ = Phase::walking;
    walking_ = true;
    net::spawn(parts_.thread, walk());
}

net::Task<void> Reconciler::walk() {
    Ended ended = Ended::broken;
    if (parts_.is_queue_up()) {
        hurried_ = false;
        failed_now_.reset();
        ended = co_await walk_all(Mode::standing);
        if (ended == Ended::emptied) {
            ended = co_await walk_all(Mode::filling);
            // While it was being filled, everybody who asked found it empty and said so.
            if (ended == Ended::whole) hurried_ = false;
        }
        failed_ = ended == Ended::whole ? failed_now_ : failed_ | failed_now_;
        if (failed_now_.any()) ended = Ended::broken;
    }
    walking_ = false;
    rest_until_next(ended);
}

void Reconciler::rest_until_next(Ended ended) {
    if (ended == Ended::whole) walks_.add();
    if (phase_ == Phase::stopped) return;
    phase_ = Phase::resting;
    // While Redis is away nothing is asked: its return hurries.
    const bool waits_for_redis = !parts_.is_queue_up();
    if (ended == Ended::whole && hurried_) {
        next_walk_.set(std::chrono::microseconds{0});
    } else if (ended == Ended::whole || waits_for_redis) {
        next_walk_.set(parts_.limits.walk_every);
    } else {
        next_walk_.set(parts_.limits.retry_after);
    }
}

net::Task<Reconciler::Ended> Reconciler::walk_all(Mode mode) {
    ++walk_number_;
    if (mode == Mode::filling) {
        log::info("queue.filling", {{"walk", walk_number_}});
        const Ended begun = co_await mark(LaneQueue::WalkStep::begin);
        if (begun != Ended::whole) co_return begun;
    }
    EndpointSlice next{.rows_max = parts_.limits.slice_rows};
    for (;;) {
        const auto began = std::chrono::steady_clock::now();
        std::vector<EarliestDue> slice;
        const LaneStore::Work read = [&slice, &next](storage::Connection& connection) {
            auto rows = read_earliest_due(connection, next);
            if (!rows) return LaneStore::Outcome{rows.error()};
            slice = std::move(*rows);
            return LaneStore::Outcome{};
        };
        const LaneStore::Outcome outcome = co_await parts_.store.wait(read);
        if (!outcome || phase_ != Phase::walking) co_return Ended::broken;
        Stored stored = by_shard(slice, mode);
        const Ended compared = co_await compare(std::move(stored));
        if (compared == Ended::broken) co_return compared;
        if (compared == Ended::emptied && mode == Mode::standing) co_return compared;
        if (slice.size() < next.rows_max) break;
        next.after = slice.back().endpoint;
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - began
        );
        if (mode == Mode::standing) co_await rest(took * kRestsPerRead);
    }
    if (mode == Mode::standing) co_return Ended::whole;
    const Ended ended = co_await mark(LaneQueue::WalkStep::end);
    log::info("queue.filled", {{"walk", walk_number_}, {"whole", ended == Ended::whole ? 1 : 0}});
    co_return ended;
}

net::Task<Reconciler::Ended> Reconciler::mark(LaneQueue::WalkStep step) {
    Ended ended = Ended::whole;
    for (std::size_t number = 0; number < kLaneShards; ++number) {
        if (failed_now_.test(number)) continue;  // nor is it full at the end
        const auto state =
            co_await parts_.queue.walk({number}, {.step = step, .number = walk_number_});
        if (!state) {
            if (note_failure({number}, state.error()) == Onward::no) co_return Ended::broken;
            continue;
        }
        // At its beginning it is known to be empty; at its end it was emptied again meanwhile.
        const bool is_empty = *state == ShardState::flushed;
        if (is_empty && step == LaneQueue::WalkStep::end) ended = Ended::emptied;
    }
    co_return ended;
}

net::Task<Reconciler::Ended> Reconciler::compare(Stored stored) {
    Ended ended = Ended::whole;
    for (std::size_t number = 0; number < kLaneShards; ++number) {
        if (stored.at(number).empty() || failed_now_.test(number)) continue;
        std::vector<LaneQueue::StoredDue> part = std::move(stored.at(number));
        const auto repaired = co_await parts_.queue.compare({number}, std::move(part));
        if (!repaired) {
            if (note_failure({number}, repaired.error()) == Onward::no) co_return Ended::broken;
            continue;
        }
        missing_.add(static_cast<double>(repaired->missing));
        late_.add(static_cast<double>(repaired->late));
        idle_.add(static_cast<double>(repaired->idle));
        if (repaired->state == ShardState::flushed) ended = Ended::emptied;
    }
    co_return ended;
}

// One shard's server may be away or refuse to write; the others are to be right none the less.
Reconciler::Onward Reconciler::note_failure(LaneShard shard, const redis::Failure& failure) {
    failed_now_.set(shard.number);
    why_failed_ = failure.reason;
    const bool goes_on = phase_ == Phase::walking && parts_.is_queue_up() && !failed_now_.all();
    return goes_on ? Onward::yes : Onward::no;
}

Reconciler::Stored Reconciler::by_shard(const std::vector<EarliestDue>& slice, Mode mode) const {
    Stored stored;
    const TimePoint now = parts_.clock.now();
    // Every shard that has an endpoint is asked for at least one, which shows that it was emptied.
    const bool with_idle = mode == Mode::standing && walk_number_ % kWalksBetweenIdle == 0;
    for (const EarliestDue& row : slice) {
        auto& shard = stored.at(shard_of(row.endpoint).number);
        if (!row.due_at && !with_idle && !(mode == Mode::standing && shard.empty())) continue;
        LaneQueue::StoredDue due{.endpoint = row.endpoint};
        if (row.due_at) due.wait = std::max(*row.due_at - now, Microseconds{0});
        shard.push_back(due);
    }
    return stored;
}

net::Task<void> Reconciler::rest(std::chrono::microseconds duration) {
    if (hurried_) co_return;
    auto start = [this, duration] {
        rest_alarm_.set(duration);
    };
    co_await net::sleep_until_woken(rest_sleeper_, start);
}

}  // namespace postern::cluster
