#include "tests/scenario/cluster_checker.hpp"

#include <algorithm>

namespace postern::scenario {

using dispatch::StartAttempt;
using std::chrono::seconds;
using storage::AttemptTrigger;
using storage::DeliveryRow;
using Seen = ClusterSituation;

namespace {

constexpr Microseconds kRateWindow = seconds{10};

std::string origin_of(const dispatch::Endpoint& endpoint) {
    const std::size_t host = endpoint.url.find("//") + 2;
    return endpoint.url.substr(0, endpoint.url.find('/', host));
}

}  // namespace

void ClusterChecker::fail(std::string_view what, DeliveryId delivery) const {
    std::string text{what};
    if (delivery.value != 0) {
        const DeliveryRow& row = parts_.store.row(delivery);
        text += ": delivery " + std::to_string(delivery.value);
        text += " of endpoint " + std::to_string(row.endpoint.value);
        text += ", ";
        text += storage::to_text(row.state);
        text += ", fence " + std::to_string(row.fence);
        text += ", due " + to_iso8601(row.due_at);
    }
    throw Violation{std::move(text)};
}

ClusterChecker::Flight* ClusterChecker::find_flight(NodeId node, DeliveryId delivery) {
    std::vector<Flight>& flights = facts(delivery).flights;
    const auto found = std::find_if(flights.begin(), flights.end(), [node](const Flight& each) {
        return each.node == node;
    });
    return found == flights.end() ? nullptr : &*found;
}

ClusterChecker::Flight& ClusterChecker::flight(NodeId node, DeliveryId delivery) {
    Flight* found = find_flight(node, delivery);
    if (found == nullptr) fail("something is said of an attempt that was not begun", delivery);
    return *found;
}

template <class Do>
void ClusterChecker::for_flights(NodeId node, Do deed) {
    for (const DeliveryId delivery : busy_) {
        for (Flight& each : facts(delivery).flights) {
            if (each.node == node) deed(each);
        }
    }
}

// ---------------------------------------------------------------- nodes and lanes

void ClusterChecker::node_ended(NodeId node, ClusterSituation in_flight) {
    if (in_flight_of(node) > 0) parts_.seen.saw(in_flight);
    members_changed();
    ended_.insert(node);
    std::vector<DeliveryId> left;
    for (const DeliveryId delivery : busy_) {
        if (find_flight(node, delivery) != nullptr) left.push_back(delivery);
    }
    for (const DeliveryId delivery : left) {
        facts(delivery).was_lost = true;
        settled(node, delivery);
    }
}

void ClusterChecker::node_froze(NodeId node) {
    if (in_flight_of(node) > 0) parts_.seen.saw(Seen::frozen_in_flight);
}

void ClusterChecker::disturbed(EndpointId endpoint, Microseconds until) {
    Microseconds& calm_from = lanes_[endpoint].calm_from;
    calm_from = std::max(calm_from, until);
}

void ClusterChecker::granted(NodeId node, EndpointId lane) {
    lanes_[lane].granted_at[node] = parts_.agenda.now();
    const auto health = healths_.find(lane);
    const bool is_paused = health != healths_.end() && health->second.row.not_before
                           && *health->second.row.not_before > parts_.wall.now();
    if (is_paused) parts_.seen.saw(Seen::granted_in_a_pause);
}

void ClusterChecker::gave_back(NodeId node, EndpointId lane) {
    if (ended_.contains(node)) return;  // what was under way was cut
    bool is_late = false;
    for_flights(node, [this, lane, &is_late](const Flight& each) {
        if (each.lane != lane || each.is_orphan) return;
        is_late = true;
    });
    if (is_late) fail("a lane is given back while something of it is under way");
    for (const DeliveryId id : parts_.store.due(lane, parts_.wall.now())) {
        if (parts_.store.row(id).due_at + seconds{1} > parts_.wall.now()) continue;
        return parts_.seen.saw(Seen::starved_lane_given_back);
    }
}

void ClusterChecker::orphan(NodeId node, EndpointId lane) {
    for_flights(node, [this, lane](Flight& each) {
        if (each.lane != lane || each.is_orphan) return;
        each.is_orphan = true;
        if (each.under_way) parts_.seen.saw(Seen::lane_lost_in_flight);
    });
}

void ClusterChecker::revoked(NodeId node, EndpointId lane) {
    orphan(node, lane);
}

void ClusterChecker::lost(NodeId node, EndpointId lane) {
    orphan(node, lane);
}

// ---------------------------------------------------------------- the beginning of an attempt

void ClusterChecker::scheduled(const Scheduled& made) {
    const bool is_next = static_cast<std::size_t>(made.row.id.value) == facts_.size() + 1;
    if (!is_next) fail("a row came twice");
    facts_.push_back({.endpoint = made.row.endpoint, .order = made.order});
    if (made.row.queue == storage::DeliveryQueue::held) parts_.seen.saw(Seen::held_for_order);
}

void ClusterChecker::offered(NodeId node, DeliveryId delivery) {
    Facts& known = facts(delivery);
    if (registry_->is_holder(node, known.endpoint)) return;
    parts_.seen.saw(Seen::offer_waited_for_its_lane);
    known.waits_at = node;
}

void ClusterChecker::started(
    NodeId node,
    const StartAttempt& start,
    const Witness::Moment& moment
) {
    const DeliveryId id = start.item.delivery;
    if (moment.endpoint == nullptr) fail("sent to an endpoint that was deleted", id);
    if (start.endpoint->revision != moment.endpoint->revision) fail("an old revision is used", id);
    if (start.endpoint->status != storage::EndpointStatus::enabled) fail("it is disabled", id);
    check_holder(node, start);
    check_doubles(node, start);
    check_order(id);
    check_pause(node, start, moment.now);
    Facts& known = facts(id);
    const DeliveryRow& row = parts_.store.row(id);
    if (start.item.content != nullptr && known.waits_at == node) {
        parts_.seen.saw(Seen::sent_from_memory_after_a_grant);
    }
    known.flights.push_back(
        {.node = node,
         .lane = known.endpoint,
         .origin = origin_of(*moment.endpoint),
         .hands = row.fence == start.item.fence ? known.hands : -1,
         .fence = start.item.fence}
    );
    busy_.insert(id);
    known.waits_at = {};
    known.idle_since.reset();
    ++starts_;
    check_caps(node, *moment.endpoint);
    check_origin(*moment.endpoint);
    check_rate(*moment.endpoint);
}

// The store is asked who serves it: two can never be.
void ClusterChecker::check_holder(NodeId node, const StartAttempt& start) const {
    const EndpointId lane = start.item.endpoint;
    const DeliveryId id = start.item.delivery;
    if (!registry_->is_holder(node, lane)) fail("begun by a node whose lane it is not", id);
    for (const DeliveryId busy : busy_) {
        for (const Flight& each : facts(busy).flights) {
            const bool is_others = each.lane == lane && each.node != node && !each.is_orphan;
            if (is_others) fail("two nodes have attempts of one lane under way", id);
        }
    }
}

void ClusterChecker::check_doubles(NodeId node, const StartAttempt& start) {
    const DeliveryId id = start.item.delivery;
    const Facts& known = facts(id);
    const DeliveryRow& row = parts_.store.row(id);
    bool follows_a_loss = known.success_was_orphan || known.was_lost;
    for (const Flight& each : known.flights) {
        if (each.node == node) fail("sent while it is being sent", id);
        if (each.arrived && !each.is_orphan) fail("sent again after it arrived", id);
        follows_a_loss = follows_a_loss || each.is_orphan;
    }
    const bool arrived =
        known.success_hands == known.hands && row.state == storage::DeliveryState::delivered;
    if (arrived && !follows_a_loss) fail("sent although it was recorded as delivered", id);
    if (known.accepted && follows_a_loss) parts_.seen.saw(Seen::sent_twice_after_a_loss);
    if (start.item.due_at > parts_.wall.now()) fail("sent before it was due", id);
    const bool is_early = row.fence == start.item.fence && row.due_at > parts_.wall.now();
    if (is_early) fail("sent before its pause was over", id);
}

void ClusterChecker::check_order(DeliveryId id) const {
    const DeliveryRow& row = parts_.store.row(id);
    const bool is_free = facts(id).order == Scheduled::Kept::no || row.order_key == 0;
    if (is_free || !storage::is_open(row.state)) return;
    if (row.trigger == AttemptTrigger::manual) return;  // by a person's wish, out of its turn
    for (const DeliveryId other : parts_.store.open_of_key({row.endpoint, row.order_key})) {
        const bool is_earlier = other < id;
        if (!is_earlier || parts_.store.row(other).trigger == AttemptTrigger::manual) continue;
        if (facts(other).order == Scheduled::Kept::yes) {
            fail("sent before an earlier one of its payment", id);
        }
    }
}

// A pause that another node wrote down before the lane came here holds here.
void ClusterChecker::check_pause(NodeId node, const StartAttempt& start, TimePoint now) const {
    const EndpointId lane = start.item.endpoint;
    const auto health = healths_.find(lane);
    if (health == healths_.end() || !health->second.row.not_before) return;
    const LaneFacts& known = lanes_.at(lane);
    const auto granted = known.granted_at.find(node);
    if (granted == known.granted_at.end() || parts_.agenda.now() < known.calm_from) return;
    const bool knew = health->second.written_at < granted->second;
    if (knew && *health->second.row.not_before > now) {
        fail("sent into a pause of its endpoint", start.item.delivery);
    }
}

void ClusterChecker::check_caps(NodeId node, const dispatch::Endpoint& endpoint) {
    std::int64_t of_lane = 0;
    std::int64_t of_node = 0;
    for_flights(node, [&of_lane, &of_node, id = endpoint.id](const Flight& each) {
        if (!each.under_way) return;
        of_node += 1;
        if (each.lane == id && !each.is_orphan) of_lane += 1;
    });
    if (of_lane > endpoint.settings.in_flight_max) fail("more at once than the endpoint takes");
    if (of_node > parts_.plan.limits.in_flight_max) fail("more at once than a node allows");
}

// Each node has its part; while nodes come and go, the parts may be of different sizes.
void ClusterChecker::check_origin(const dispatch::Endpoint& endpoint) {
    if (parts_.agenda.now() < members_calm_from_) return;
    const std::string origin = origin_of(endpoint);
    std::int64_t at_once = 0;
    for (const DeliveryId busy : busy_) {
        for (const Flight& each : facts(busy).flights) {
            if (each.under_way && !each.is_orphan && each.origin == origin) at_once += 1;
        }
    }
    const auto nodes = static_cast<std::int64_t>(registry_->live_nodes());
    const std::int64_t cap = parts_.plan.limits.in_flight_per_origin_max;
    if (at_once > std::max(cap, nodes)) fail("more at once than an origin takes");
    if (at_once >= std::max<std::int64_t>(cap / std::max<std::int64_t>(nodes, 1), 1)
        && cap < parts_.plan.limits.in_flight_max) {
        parts_.seen.saw(Seen::origin_cap_reached);
    }
}

void ClusterChecker::check_rate(const dispatch::Endpoint& endpoint) {
    LaneFacts& lane = lanes_[endpoint.id];
    const Microseconds now = parts_.agenda.now();
    lane.starts.push_back(now);
    while (lane.starts.front() + kRateWindow < now) lane.starts.pop_front();
    const std::int64_t rate = endpoint.settings.rate_per_second;
    if (rate == 0 || now < lane.calm_from) return;
    const auto in_window = static_cast<std::int64_t>(lane.starts.size());
    if (in_window > rate) parts_.seen.saw(Seen::rate_limited);
    // What one node alone may do: a change of hands gives nothing away.
    if (in_window > rate * (kRateWindow / seconds{1}) + 2) fail("faster than its rate");
}

}  // namespace postern::scenario
