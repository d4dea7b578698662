#include "tests/scenario/cluster_checker.hpp"

#include <algorithm>

// What becomes of attempts, and what is looked at from time to time and at the end.
namespace postern::scenario {

using std::chrono::minutes;
using std::chrono::seconds;
using storage::AttemptError;
using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::DeliveryState;
using Seen = ClusterSituation;

namespace {

// After its last trouble an endpoint may still be paused by its breaker or by its own wish.
constexpr Microseconds kPauseAfterTrouble = minutes{70};
// A node's lease, the ways, the reconciler, and a turn in the sweep.
constexpr Microseconds kPatience = minutes{3};
constexpr Microseconds kPatienceInTightRoom = seconds{60};

}  // namespace

void ClusterChecker::skipped(NodeId node, DeliveryId delivery) {
    flight(node, delivery).under_way = false;
}

void ClusterChecker::not_made(NodeId node, DeliveryId delivery) {
    if (!registry_->is_holder(node, facts(delivery).endpoint)) {
        parts_.seen.saw(Seen::start_refused_by_lease);
    }
    settled(node, delivery);
}

void ClusterChecker::sent(NodeId node, const dispatch::StartAttempt& start) {
    const DeliveryId id = start.item.delivery;
    if (!registry_->is_holder(node, start.item.endpoint)) {
        fail("sent by a node whose lane it is not", id);
    }
    if (flight(node, id).is_orphan) fail("sent after its lane had changed hands", id);
}

void ClusterChecker::arrived(NodeId, DeliveryId delivery, const CallOutcome& outcome) {
    if (outcome.accepted) facts(delivery).accepted = true;
}

void ClusterChecker::ended(
    NodeId node,
    DeliveryId delivery,
    const dispatch::AttemptResult& result
) {
    Flight& known = flight(node, delivery);
    known.under_way = false;
    known.arrived = result.error == AttemptError::none && known.hands == facts(delivery).hands;
}

void ClusterChecker::decided(NodeId node, const dispatch::RecordEnd& order) {
    const DeliveryId id = order.finished.delivery;
    const Flight& known = flight(node, id);
    if (known.under_way) fail("recorded before its end", id);
    if (known.fence != order.finished.fence) fail("recorded with another fence", id);
    if (known.is_orphan && order.health) fail("a lane's health is written by a node that lost it");
    if (!order.disable_reason.empty()) parts_.seen.saw(Seen::disabled_by_its_answer);
    const bool says_delivered = order.finished.disposition.state == DeliveryState::delivered;
    const bool is_success =
        order.finished.attempt && order.finished.attempt->error == AttemptError::none;
    if (says_delivered != is_success) fail("its end is not what it was", id);
}

void ClusterChecker::recorded(
    NodeId node,
    const dispatch::RecordEnd& order,
    const DeliveryRow& before,
    const dispatch::Recorded& recorded
) {
    const DeliveryId id = order.finished.delivery;
    Facts& known = facts(id);
    const DeliveryRow& after = parts_.store.row(id);
    known.attempts += order.finished.attempt ? 1 : 0;
    if (parts_.store.attempts_of(id) != known.attempts) fail("an attempt's row is missing", id);
    if (order.health) healths_[order.endpoint] = {*order.health, parts_.agenda.now()};
    const bool fits = before.fence == order.finished.fence && storage::is_open(before.state);
    const bool applied = recorded.kind == dispatch::Recorded::Kind::applied;
    if (fits != applied) fail("the fence was not kept", id);
    const Flight* flight = find_flight(node, id);
    if (flight != nullptr && flight->is_orphan) parts_.seen.saw(Seen::late_end_recorded);
    if (flight != nullptr && flight->arrived) {
        known.success_hands = flight->hands;
        known.was_lost = false;
        known.success_was_orphan = flight->is_orphan;
    }
    if (!fits) {
        if (before != after) fail("a late node changed it", id);
        return parts_.seen.saw(Seen::stale_record);
    }
    const bool is_foreign = !registry_->is_holder(node, known.endpoint);
    if (recorded.successor && is_foreign) parts_.seen.saw(Seen::successor_on_another_node);
    note_end(after, known);
}

void ClusterChecker::note_end(const DeliveryRow& row, Facts& known) {
    if (row.state == DeliveryState::delivered) parts_.seen.saw(Seen::delivered);
    if (row.state != DeliveryState::dead) return;
    parts_.seen.saw(Seen::died);
    known.died = true;
}

void ClusterChecker::settled(NodeId node, DeliveryId delivery) {
    std::vector<Flight>& flights = facts(delivery).flights;
    std::erase_if(flights, [node](const Flight& each) { return each.node == node; });
    if (flights.empty()) busy_.erase(delivery);
}

void ClusterChecker::polled(NodeId node, const dispatch::Engine::Status& status) {
    if (status.breakers_open > 0) parts_.seen.saw(Seen::breaker_opened);
    const dispatch::EngineLimits& limits = parts_.plan.limits;
    if (status.items > limits.items_max) fail("more items in memory than allowed");
    if (status.content_bytes > limits.content_bytes_max) fail("more content than allowed");
    if (status.in_flight != in_flight_of(node)) fail("the engine miscounts what is under way");
}

void ClusterChecker::retried_by_hand(DeliveryId delivery) {
    Facts& known = facts(delivery);
    ++known.hands;
    known.canceled = false;
    known.success_was_orphan = false;
    if (sender_of(delivery).value != 0) parts_.seen.saw(Seen::retried_by_hand_elsewhere);
}

void ClusterChecker::canceled_by_hand(DeliveryId delivery) {
    facts(delivery).canceled = true;
    parts_.seen.saw(Seen::canceled_elsewhere);
}

NodeId ClusterChecker::sender_of(DeliveryId delivery) const {
    const std::vector<Flight>& flights = facts(delivery).flights;
    return flights.empty() ? NodeId{} : flights.front().node;
}

bool ClusterChecker::is_in_flight(DeliveryId delivery) const {
    const std::vector<Flight>& flights = facts(delivery).flights;
    return std::any_of(flights.begin(), flights.end(), [](const Flight& each) {
        return each.under_way;
    });
}

std::int64_t ClusterChecker::in_flight_of(NodeId node) const {
    std::int64_t count = 0;
    for (const DeliveryId delivery : busy_) {
        for (const Flight& each : facts(delivery).flights) {
            if (each.node == node && each.under_way) count += 1;
        }
    }
    return count;
}

// ---------------------------------------------------------------- lateness and the end

void ClusterChecker::audit() {
    for (const PlannedEndpoint& planned : parts_.plan.endpoints) {
        audit_lane(parts_.store.endpoint(planned.endpoint.id));
    }
}

// Whatever is due at an endpoint that may be called is sent within reasonable time, whichever nodes
// are there.
void ClusterChecker::audit_lane(const dispatch::Endpoint& endpoint) {
    const Plan& plan = parts_.plan;
    const Microseconds here = parts_.agenda.now();
    const LaneFacts& lane = lanes_[endpoint.id];
    const Microseconds trouble = parts_.network.last_trouble(endpoint.id, here);
    Microseconds calm_from = std::max(calm_from_, lane.calm_from);
    if (trouble > Microseconds{0}) calm_from = std::max(calm_from, trouble + kPauseAfterTrouble);
    const std::vector<DeliveryId> due = parts_.store.due(endpoint.id, parts_.wall.now());
    Microseconds each = seconds{2} + 2 * plan.faults.commit_delay_max;
    each += 3 * plan.faults.load_delay_max;
    if (plan.room == Plan::Room::tight) {
        each += static_cast<std::int64_t>(plan.endpoints.size()) * kPatienceInTightRoom;
    }
    const auto ahead = static_cast<std::int64_t>(due.size() + lane.starts.size());
    const Microseconds allowed = kPatience + each * ahead;
    const bool is_enabled = endpoint.status == storage::EndpointStatus::enabled;
    for (const DeliveryId id : due) {
        Facts& known = facts(id);
        if (!is_enabled || here < calm_from || !known.flights.empty()) {
            known.idle_since.reset();
            continue;
        }
        if (!known.idle_since) known.idle_since = here;
        if (here - *known.idle_since > allowed) fail("due and not sent", id);
    }
}

void ClusterChecker::check_closed(const DeliveryRow& row) const {
    const Facts& known = facts(row.id);
    const dispatch::Endpoint& endpoint = parts_.store.endpoint(row.endpoint);
    if (storage::is_open(row.state)) {
        const bool works = endpoint.status == storage::EndpointStatus::enabled;
        if (works) fail("never came to an end", row.id);
        return;
    }
    if (row.state == DeliveryState::delivered && !known.accepted) {
        fail("counts as delivered and did not arrive", row.id);
    }
    if (row.state == DeliveryState::dead && !known.died) fail("dead of nothing", row.id);
    if (row.state == DeliveryState::canceled && !known.canceled) {
        fail("nobody canceled it", row.id);
    }
}

void ClusterChecker::finish() const {
    for (const storage::KeyAtEndpoint& key : parts_.store.keys_with_held()) {
        const DeliveryId first = parts_.store.open_of_key(key).front();
        const bool waits_for_nothing = parts_.store.row(first).queue == DeliveryQueue::held;
        if (waits_for_nothing) fail("held although nothing stands before it", first);
    }
    std::map<EndpointId, std::int64_t> last;
    for (const DeliveryRow& row : parts_.store.rows()) {
        if (row.sequence != ++last[row.endpoint]) fail("the sequence has a gap", row.id);
        check_closed(row);
    }
}

}  // namespace postern::scenario
