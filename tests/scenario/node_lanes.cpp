#include "tests/scenario/node_lanes.hpp"

#include <algorithm>
#include <utility>

namespace postern::scenario {

using Seen = ClusterSituation;

void NodeLanes::begin(const std::shared_ptr<Process>& process) {
    process_ = process;
    ours_until_ = parts_.agenda.now() + kLease;
    id_ = parts_.registry.join(shared_from_this());
    live_nodes_ = parts_.registry.live_nodes();
    beat();
}

bool NodeLanes::is_awake() const {
    const auto process = process_.lock();
    return process != nullptr && !process->is_frozen();
}

void NodeLanes::pass_on(std::function<void(Process&)> word) {
    const auto process = process_.lock();
    if (process == nullptr) return;
    process->when_awake([weak = process_, word = std::move(word)] {
        if (const auto alive = weak.lock()) word(*alive);
    });
}

void NodeLanes::beat() {
    pass_on([this](Process&) {
        LaneRegistry::Heartbeat heartbeat{.sent_at = parts_.agenda.now(), .ended = ended_};
        for (const auto& [lane, fence] : held_) heartbeat.held.push_back({lane, fence});
        parts_.registry.beat(id_, heartbeat);
        parts_.agenda.after(kHeartbeat, [life = weak_from_this()] {
            if (const auto self = life.lock()) self->beat();
        });
    });
}

void NodeLanes::give_back(const dispatch::GiveBackLane& lane) {
    const auto found = held_.find(lane.endpoint);
    if (found == held_.end()) return;
    const HeldLane held{lane.endpoint, found->second};
    held_.erase(found);
    ended_[held.lane] = held.fence;
    parts_.checker.gave_back(id_, held.lane);
    parts_.seen.saw(lane.next_due ? Seen::lane_given_back_for_later : Seen::lane_given_back);
    parts_.registry.give_back(id_, {.lane = held, .next_due = lane.next_due});
}

void NodeLanes::hear_granted(HeldLane lane) {
    pass_on([this, lane](Process&) { take(lane); });
}

void NodeLanes::take(HeldLane lane) {
    const auto ended = ended_.find(lane.lane);
    if (ended != ended_.end() && ended->second >= lane.fence) return;
    std::int64_t& fence = held_[lane.lane];
    if (fence > lane.fence) return;
    if (fence == lane.fence) parts_.seen.saw(Seen::grant_came_twice);
    fence = lane.fence;
    parts_.checker.granted(id_, lane.lane);
    if (const auto process = process_.lock()) process->granted(lane.lane, lane.fence);
}

void NodeLanes::hear_due(const dispatch::Nudge& nudge) {
    pass_on([nudge](Process& process) { process.nudge(nudge); });
}

void NodeLanes::hear_lease(const Lease& lease) {
    pass_on([this, lease](Process&) { take(lease); });
}

// What was held when the lease lapsed may be another's by the time this is heard.
void NodeLanes::take(const Lease& lease) {
    if (lease.epoch < epoch_) return;
    const auto process = process_.lock();
    if (lease.epoch > epoch_) {
        epoch_ = lease.epoch;
        for (const auto& [lane, fence] : std::exchange(held_, {})) {
            ended_[lane] = fence;
            parts_.checker.revoked(id_, lane);
            process->revoked(lane);
        }
    }
    ours_until_ = std::max(ours_until_, lease.sent_at + kLease);
    live_nodes_ = std::max<std::size_t>(lease.live_nodes, 1);
    process->look_soon();
}

}  // namespace postern::scenario
