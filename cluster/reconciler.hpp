#pragma once

#include "cluster/lane_queue.hpp"
#include "cluster/lane_store.hpp"
#include "core/metrics.hpp"
#include "core/time.hpp"
#include "net/alarm.hpp"

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace postern::cluster {

struct EarliestDue;

// Walks over all endpoints, a few at a time, and compares what is due by the store with what Redis
// would wake somebody for. A shard that was emptied is filled again without a pause; otherwise the
// walk rests for nine times as long as it reads. On one io thread.
class Reconciler {
 public:
    struct Limits {
        std::size_t slice_rows = 500;
        std::chrono::milliseconds walk_every{30'000};
        std::chrono::milliseconds retry_after{1'000};
    };
    struct Parts {
        net::IoThread& thread;
        LaneStore& store;
        LaneQueue& queue;
        const Clock& clock;
        MetricRegistry& metrics;
        std::function<bool()> is_queue_up;
        Limits limits = {};
    };
    explicit Reconciler(Parts parts);

    void start();
    void stop();
    bool is_running() const { return phase_ != Phase::stopped; }
    // Somebody found a shard empty, a node died, or Redis was away: it cannot wait for the next
    // walk.
    void hurry();
    // Redis does not take what is missing there, so it will wake nobody for it.
    bool has_failed(LaneShard shard) const {
        return is_running() && (failed_ | failed_now_).test(shard.number);
    }
    const std::string& why_failed() const { return why_failed_; }

 private:
    enum class Phase { stopped, resting, walking };
    enum class Mode { standing, filling };
    enum class Ended { whole, emptied, broken };
    using Stored = std::array<std::vector<LaneQueue::StoredDue>, kLaneShards>;

    void ring();
    net::Task<void> walk();
    net::Task<Ended> walk_all(Mode mode);
    net::Task<Ended> mark(LaneQueue::WalkStep step);
    net::Task<Ended> compare(Stored stored);
    Stored by_shard(const std::vector<EarliestDue>& slice, Mode mode) const;
    net::Task<void> rest(std::chrono::microseconds duration);
    void rest_until_next(Ended ended);
    enum class Onward { yes, no };
    Onward note_failure(LaneShard shard, const redis::Failure& failure);

    Parts parts_;
    Counter missing_;
    Counter late_;
    Counter idle_;
    Counter walks_;
    net::Alarm next_walk_;
    net::Sleeper rest_sleeper_;
    net::Alarm rest_alarm_;
    Phase phase_ = Phase::stopped;
    bool walking_ = false;  // a walk may outlast a stop
    bool hurried_ = false;
    std::int64_t walk_number_ = 0;
    std::bitset<kLaneShards> failed_;      // in the last walk, or in one that was broken off since
    std::bitset<kLaneShards> failed_now_;  // in this walk, which leaves them out from then on
    std::string why_failed_;
};

}  // namespace postern::cluster
