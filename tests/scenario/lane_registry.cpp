#include "tests/scenario/lane_registry.hpp"

#include <algorithm>
#include <utility>

namespace postern::scenario {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Seen = ClusterSituation;

namespace {

constexpr Span kUsualWay{microseconds{200}, milliseconds{20}};
constexpr Span kLongWay{milliseconds{20}, seconds{3}};
constexpr std::int64_t kWaysForALongOne = 15;
constexpr std::int64_t kWaysForALostOne = 40;
constexpr std::int64_t kWaysForADoubledOne = 25;
constexpr Microseconds kQueueRetry = seconds{1};

}  // namespace

NodeId LaneRegistry::join(const std::shared_ptr<LaneHearer>& hearer) {
    const NodeId id{++joined_};
    nodes_[id] = {.lease_until = parts_.agenda.now() + kLease, .hearer = hearer};
    return id;
}

// ---------------------------------------------------------------- the ways there

void LaneRegistry::post(NodeId node, std::function<void()> deed) {
    const bool is_cut = parts_.agenda.now() < nodes_.at(node).cut_until;
    if (is_cut || (!is_healed_ && random_.one_in(kWaysForALostOne))) {
        return parts_.seen.saw(Seen::message_lost);
    }
    const bool is_late = !is_healed_ && random_.one_in(kWaysForALongOne);
    if (is_late) parts_.seen.saw(Seen::message_late);
    const auto way = [this, is_late] {
        return random_.within(is_late ? kLongWay : kUsualWay);
    };
    if (!is_healed_ && random_.one_in(kWaysForADoubledOne)) {
        parts_.seen.saw(Seen::message_doubled);
        parts_.agenda.after(random_.within(kLongWay), deed);
    }
    parts_.agenda.after(way(), std::move(deed));
}

void LaneRegistry::tell(NodeId node, std::function<void(LaneHearer&)> word) {
    post(node, [hearer = nodes_.at(node).hearer, word = std::move(word)] {
        if (const auto alive = hearer.lock()) word(*alive);
    });
}

void LaneRegistry::want(NodeId from, const dispatch::Nudge& nudge) {
    post(from, [this, from, nudge] { wanted(from, nudge); });
}

void LaneRegistry::give_back(NodeId from, const GivenBack& given) {
    post(from, [this, from, given] { given_back(from, given); });
}

void LaneRegistry::beat(NodeId from, const Heartbeat& heartbeat) {
    post(from, [this, from, heartbeat] { beaten(from, heartbeat); });
}

// ---------------------------------------------------------------- who is there

bool LaneRegistry::is_live(NodeId node) const {
    const auto found = nodes_.find(node);
    return found != nodes_.end() && parts_.agenda.now() < found->second.lease_until;
}

// A node that is cut off or frozen claims nothing.
bool LaneRegistry::is_reachable(NodeId node) const {
    const Node& known = nodes_.at(node);
    const auto hearer = known.hearer.lock();
    return is_live(node) && hearer != nullptr && hearer->is_awake()
           && parts_.agenda.now() >= known.cut_until;
}

std::size_t LaneRegistry::live_nodes() const {
    return static_cast<std::size_t>(std::count_if(
        nodes_.begin(), nodes_.end(), [this](const auto& entry) { return is_live(entry.first); }
    ));
}

bool LaneRegistry::is_holder(NodeId node, EndpointId lane) const {
    const auto found = lanes_.find(lane);
    return found != lanes_.end() && found->second.holder == node && is_live(node);
}

void LaneRegistry::beaten(NodeId from, const Heartbeat& heartbeat) {
    if (!is_live(from)) lapse(from);
    Node& node = nodes_.at(from);
    node.lease_until = parts_.agenda.now() + kLease;
    compare(from, heartbeat);
    const LaneHearer::Lease lease{
        .sent_at = heartbeat.sent_at, .epoch = node.epoch, .live_nodes = live_nodes()};
    tell(from, [lease](LaneHearer& hearer) { hearer.hear_lease(lease); });
}

void LaneRegistry::lapse(NodeId from) {
    parts_.trace.note(parts_.agenda.now(), "lapsed", {from.value});
    parts_.seen.saw(Seen::lapsed);
    nodes_.at(from).epoch += 1;
    for (auto& [id, lane] : lanes_) {
        if (lane.holder != from) continue;
        parts_.on_lost(from, id);
        lane.holder = {};
        enqueue(id, parts_.wall.now());
    }
}

// A grant that was lost on its way is said again; a lane that came back and was lost is free.
void LaneRegistry::compare(NodeId from, const Heartbeat& heartbeat) {
    for (auto& [id, lane] : lanes_) {
        if (lane.holder != from) continue;
        const HeldLane here{id, lane.fence};
        const bool is_known =
            std::any_of(heartbeat.held.begin(), heartbeat.held.end(), [here](const HeldLane& held) {
                return held.lane == here.lane && held.fence == here.fence;
            });
        if (is_known) continue;
        const auto ended = heartbeat.ended.find(id);
        if (ended != heartbeat.ended.end() && ended->second >= here.fence) {
            lane.holder = {};
            enqueue(id, parts_.wall.now());
        } else {
            tell(from, [here](LaneHearer& hearer) { hearer.hear_granted(here); });
        }
    }
}

// ---------------------------------------------------------------- lanes

void LaneRegistry::wanted(NodeId from, const dispatch::Nudge& nudge) {
    if (!is_live(from)) return;
    Lane& lane = lanes_[nudge.endpoint];
    const bool is_queue_down = parts_.agenda.now() < queue_down_until_;
    if (is_free(lane)) {
        if (nudge.due_at > parts_.wall.now()) return enqueue(nudge.endpoint, nudge.due_at);
        return claim(from, nudge.endpoint);
    }
    if (is_queue_down && lane.holder != from) return;
    if (lane.holder == from) {
        const HeldLane here{nudge.endpoint, lane.fence};
        tell(from, [here](LaneHearer& hearer) { hearer.hear_granted(here); });
    }
    tell(lane.holder, [nudge](LaneHearer& hearer) { hearer.hear_due(nudge); });
}

void LaneRegistry::claim(NodeId node, EndpointId id) {
    Lane& lane = lanes_[id];
    if (lane.holder.value != 0) parts_.on_lost(lane.holder, id);
    if (lane.last_holder.value != 0 && lane.last_holder != node) {
        parts_.seen.saw(Seen::lane_served_by_another_next);
    }
    lane.holder = lane.last_holder = node;
    lane.fence += 1;
    lane.due.reset();
    const HeldLane here{id, lane.fence};
    parts_.trace.note(parts_.agenda.now(), "claim", {node.value, id.value, here.fence});
    parts_.seen.saw(Seen::lane_granted);
    tell(node, [here](LaneHearer& hearer) { hearer.hear_granted(here); });
}

void LaneRegistry::given_back(NodeId from, const GivenBack& given) {
    Lane& lane = lanes_[given.lane.lane];
    if (lane.holder != from || lane.fence != given.lane.fence) return;
    lane.holder = {};
    parts_.trace.note(parts_.agenda.now(), "free", {from.value, given.lane.lane.value});
    if (given.next_due) enqueue(given.lane.lane, *given.next_due);
}

void LaneRegistry::enqueue(EndpointId id, TimePoint due) {
    Lane& lane = lanes_[id];
    lane.due = std::min(lane.due.value_or(due), due);
    const Microseconds wait = std::max(*lane.due - parts_.wall.now(), Microseconds{0});
    parts_.agenda.after(wait, [this, id] { offer_due(id); });
}

// Whoever comes first has it.
void LaneRegistry::offer_due(EndpointId id) {
    Lane& lane = lanes_[id];
    if (!lane.due || *lane.due > parts_.wall.now()) return;
    if (!is_free(lane)) return lane.due.reset();
    std::vector<NodeId> able;
    for (const auto& [node, known] : nodes_) {
        if (is_reachable(node)) able.push_back(node);
    }
    const bool is_queue_down = parts_.agenda.now() < queue_down_until_;
    if (able.empty() || (is_queue_down && !random_.one_in(2))) {
        return parts_.agenda.after(kQueueRetry, [this, id] { offer_due(id); });
    }
    parts_.seen.saw(Seen::claimed_by_due_time);
    claim(random_.pick(able), id);
}

// ---------------------------------------------------------------- the queue forgets

void LaneRegistry::flush() {
    parts_.seen.saw(Seen::queue_flushed);
    for (auto& [id, lane] : lanes_) lane.due.reset();
}

void LaneRegistry::break_queue(Microseconds until) {
    parts_.seen.saw(Seen::queue_down);
    queue_down_until_ = until;
}

void LaneRegistry::reconcile(const std::vector<EndpointId>& endpoints) {
    for (const EndpointId id : endpoints) {
        Lane& lane = lanes_[id];
        if (!is_free(lane)) continue;
        for (const auto queue : {storage::DeliveryQueue::fresh, storage::DeliveryQueue::retry}) {
            const auto due = parts_.store.first_due(id, queue);
            if (!due || (lane.due && *lane.due <= *due)) continue;
            parts_.seen.saw(Seen::repaired_by_reconciler);
            enqueue(id, *due);
        }
    }
}

}  // namespace postern::scenario
