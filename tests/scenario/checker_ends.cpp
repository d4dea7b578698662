#include "tests/scenario/checker.hpp"

#include <algorithm>

// What an attempt's end is held against, and what is looked at from time to time and at the end.
namespace postern::scenario {

using dispatch::Recorded;
using dispatch::RecordEnd;
using std::chrono::minutes;
using std::chrono::seconds;
using storage::AttemptError;
using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::DeliveryState;

namespace {

// The arithmetic of the schedule, written a second time.
constexpr std::int64_t kSpreadLeastPercent = 80;
constexpr std::int64_t kSpreadMostPercent = 120;
constexpr Microseconds kRounding = seconds{1};
// After its last trouble an endpoint may still be paused by its breaker or by its own wish.
constexpr Microseconds kPauseAfterTrouble = minutes{70};
constexpr Microseconds kPatience = seconds{45};
constexpr Microseconds kPatienceInTightRoom = seconds{60};

Span spread_of(Microseconds delay) {
    return {delay * kSpreadLeastPercent / 100, delay * kSpreadMostPercent / 100};
}

Span pause_after(
    const dispatch::RetryPolicy& policy,
    const dispatch::AttemptResult& result,
    std::int64_t attempts_done
) {
    Span pause = spread_of(policy.delays.at(static_cast<std::size_t>(attempts_done)));
    if (!result.retry_after) return pause;
    const Microseconds wish = std::min(*result.retry_after, dispatch::kRetryAfterMax);
    return {std::max(pause.least, wish), std::max(pause.most, wish)};
}

}  // namespace

// ---------------------------------------------------------------- what the engine decides

void Checker::decided(const RecordEnd& order) {
    const DeliveryId id = order.finished.delivery;
    Facts& known = facts(id);
    if (!known.in_flight) fail("recorded without an attempt", id);
    if (!known.undecided) return;  // the same again, because it could not be written
    known.undecided = false;
    if (order.finished.fence != known.fence) fail("recorded with another fence", id);
    if (order.notice == RecordEnd::Notice::failing) {
        parts_.seen.saw(Situation::endpoint_failing_notice);
    }
    if (order.notice == RecordEnd::Notice::recovered) {
        parts_.seen.saw(Situation::endpoint_recovered_notice);
    }
    if (known.skipped) {
        if (order.finished.attempt) fail("an attempt that was not made is recorded", id);
        return;
    }
    if (!order.finished.attempt) fail("an attempt is not recorded", id);
    if (!order.disable_reason.empty()) check_disable(order, known);
    const bool arrived = known.result.error == AttemptError::none;
    switch (order.finished.disposition.state) {
        case DeliveryState::delivered:
            if (!arrived) fail("a failure counts as delivered", id);
            return;
        case DeliveryState::waiting: return check_waiting(order, known);
        case DeliveryState::dead: return check_dead(order, known);
        case DeliveryState::pending:
        case DeliveryState::canceled:
        case DeliveryState::skipped:
        case DeliveryState::superseded: fail("an attempt ends like that", id);
    }
}

void Checker::check_waiting(const RecordEnd& order, const Facts& known) {
    const DeliveryId id = order.finished.delivery;
    if (known.result.error == AttemptError::none) fail("a success is tried again", id);
    if (known.result.wish != dispatch::ReceiverWish::none) fail("a refusal is tried again", id);
    const std::int64_t done = known.progress.round_attempts + 1;
    if (done >= static_cast<std::int64_t>(known.policy.delays.size())) {
        fail("tried again after its schedule's end", id);
    }
    const Span pause = pause_after(known.policy, known.result, done);
    const Microseconds chosen = order.finished.disposition.due_at - known.ended_at;
    if (chosen + kRounding < pause.least) fail("the next attempt comes too early", id);
    if (chosen > pause.most + kRounding) fail("the next attempt comes too late", id);
    const TimePoint last = known.progress.round_started_at + known.policy.maximum_age;
    if (order.finished.disposition.due_at > last) fail("tried again beyond its age", id);
    if (known.result.retry_after && pause.most == *known.result.retry_after) {
        parts_.seen.saw(Situation::retry_after_honoured);
    }
}

void Checker::check_dead(const RecordEnd& order, const Facts& known) {
    const DeliveryId id = order.finished.delivery;
    const std::string_view reason = order.finished.disposition.reason;
    const dispatch::ReceiverWish wish = known.result.wish;
    if (known.result.error == AttemptError::none) fail("a success counts as dead", id);
    const std::int64_t done = known.progress.round_attempts + 1;
    if (reason == "exhausted") {
        if (done < static_cast<std::int64_t>(known.policy.delays.size())) {
            fail("given up before its schedule's end", id);
        }
        return parts_.seen.saw(Situation::schedule_exhausted);
    }
    if (reason == "too_old") {
        const Span pause = pause_after(known.policy, known.result, done);
        const TimePoint last = known.progress.round_started_at + known.policy.maximum_age;
        if (known.ended_at + pause.most + kRounding < last) fail("given up before its age", id);
        return parts_.seen.saw(Situation::grown_too_old);
    }
    if (reason == "aborted") {
        if (wish != dispatch::ReceiverWish::stop_message) fail("nobody aborted it", id);
        return parts_.seen.saw(Situation::message_aborted);
    }
    if (wish != dispatch::ReceiverWish::stop_endpoint) fail("dead without a reason", id);
}

void Checker::check_disable(const RecordEnd& order, const Facts& known) {
    const DeliveryId id = order.finished.delivery;
    Lane& lane = lanes_[known.endpoint];
    lane.stopping = true;
    lane.stopped_revision = known.revision;
    if (order.disable_reason == "failing") {
        const Microseconds failing = parts_.plan.limits.breaker.failing_to_disable;
        const Microseconds passed = known.ended_true - lane.last_success;
        const Microseconds set_forward = forward_ - lane.forward_then;
        if (passed + set_forward + kRounding < failing) fail("disabled too soon", id);
        return parts_.seen.saw(Situation::disabled_as_hopeless);
    }
    if (known.result.wish != dispatch::ReceiverWish::stop_endpoint) {
        fail("disabled although it did not ask for it", id);
    }
    const bool gone = order.disable_reason == "gone";
    parts_.seen.saw(gone ? Situation::disabled_as_gone : Situation::disabled_on_request);
}

// ---------------------------------------------------------------- what is written

void Checker::recorded(
    const RecordEnd& order,
    const DeliveryRow& before,
    const Recorded& recorded
) {
    const DeliveryId id = order.finished.delivery;
    Facts& known = facts(id);
    const DeliveryRow& after = parts_.store.row(id);
    known.attempts += order.finished.attempt ? 1 : 0;
    if (parts_.store.attempts_of(id) != known.attempts) fail("an attempt's row is missing", id);
    if (recorded.row != after) fail("another row is reported than was written", id);
    known.accepted_unrecorded = false;
    known.pause.reset();
    const bool fits = before.fence == order.finished.fence && storage::is_open(before.state);
    if (fits != (recorded.kind == Recorded::Kind::applied)) fail("the fence was not kept", id);
    if (!fits) {
        if (before != after) fail("a late worker changed it", id);
        return parts_.seen.saw(Situation::stale_record);
    }
    check_applied(order, before, after);
    if (recorded.successor) parts_.seen.saw(Situation::successor_promoted);
    if (after.order_key != before.order_key) parts_.seen.saw(Situation::set_aside);
    note_end(after, known);
}

void Checker::check_applied(
    const RecordEnd& order,
    const DeliveryRow& before,
    const DeliveryRow& after
) {
    const DeliveryId id = after.id;
    const std::int64_t made = order.finished.attempt ? 1 : 0;
    if (after.fence != before.fence + 1) fail("a change without a new fence", id);
    if (after.state != order.finished.disposition.state) fail("another state was written", id);
    if (after.attempts != before.attempts + made) fail("attempts are miscounted", id);
    if (after.round_attempts != before.round_attempts + made) fail("the round is miscounted", id);
    if (storage::is_open(after.state) != after.queue.has_value()) fail("in a wrong queue", id);
    if (after.state != DeliveryState::waiting) return;
    if (after.due_at != order.finished.disposition.due_at) fail("another time was written", id);
}

void Checker::note_end(const DeliveryRow& row, Facts& known) {
    switch (row.state) {
        case DeliveryState::waiting: {
            const Span pause = pause_after(known.policy, known.result, row.round_attempts);
            known.pause = {
                .from = known.ended_true,
                .length = pause.least,
                .forward_then = known.forward_then};
            if (known.result.error == AttemptError::redirected) {
                parts_.seen.saw(Situation::redirect_refused);
            }
            return;
        }
        case DeliveryState::delivered:
            parts_.seen.saw(
                row.attempts == 1 ? Situation::delivered_at_once
                                  : Situation::delivered_after_failures
            );
            if (known.died) parts_.seen.saw(Situation::recovered_after_death);
            return;
        case DeliveryState::dead: known.died = true; return;
        case DeliveryState::superseded: parts_.seen.saw(Situation::superseded); return;
        case DeliveryState::skipped:
            parts_.seen.saw(
                row.reason == "event_gone" ? Situation::skipped_event_gone
                                           : Situation::skipped_unsubscribed
            );
            return;
        case DeliveryState::pending:
        case DeliveryState::canceled: return;
    }
}

void Checker::settled(DeliveryId delivery) {
    facts(delivery).in_flight = false;
}

void Checker::withdrawn(DeliveryId delivery, std::int64_t fence) {
    Facts& known = facts(delivery);
    known.withdrawn_life = life_;
    known.withdrawn_fence = std::max(known.withdrawn_fence, fence);
}

void Checker::retried_by_hand(DeliveryId delivery) {
    Facts& known = facts(delivery);
    ++known.hands;
    known.canceled = false;
    known.pause.reset();
    parts_.seen.saw(Situation::retried_by_hand);
    if (known.on_the_wire) parts_.seen.saw(Situation::retried_in_flight);
}

void Checker::canceled_by_hand(DeliveryId delivery) {
    Facts& known = facts(delivery);
    known.canceled = true;
    parts_.seen.saw(Situation::canceled_by_hand);
    if (known.on_the_wire) parts_.seen.saw(Situation::canceled_in_flight);
}

// ---------------------------------------------------------------- memory, lateness, the end

void Checker::loaded(const storage::DueRows& rows) {
    for (const DeliveryRow& row : rows.rows) {
        if (parts_.store.row(row.id).fence != row.fence) parts_.seen.saw(Situation::stale_load);
        if (row.attempts == 0 && facts(row.id).life == life_) {
            parts_.seen.saw(Situation::spilled_and_reloaded);
        }
    }
}

void Checker::polled(const dispatch::Engine::Status& status) {
    const dispatch::EngineLimits& limits = parts_.plan.limits;
    if (status.breakers_open > 0) parts_.seen.saw(Situation::breaker_opened);
    if (status.items > limits.items_max) fail("more items in memory than allowed");
    if (status.content_bytes > limits.content_bytes_max) fail("more content than allowed");
    if (status.in_flight != in_flight_) fail("the engine miscounts what is under way");
    if (status.unrecorded > limits.unrecorded_max + limits.in_flight_max) {
        fail("more unrecorded ends in memory than allowed");
    }
}

void Checker::audit(TimePoint now, const std::vector<const dispatch::Endpoint*>& endpoints) {
    waiting_ = false;
    check_held();
    for (const dispatch::Endpoint* endpoint : endpoints) audit_lane(now, *endpoint);
}

Microseconds Checker::lateness_allowed(const dispatch::Endpoint& endpoint, std::size_t due) const {
    const Plan& plan = parts_.plan;
    const auto others = static_cast<std::int64_t>(plan.endpoints.size());
    Microseconds each = seconds{1} + 2 * plan.faults.commit_delay_max;
    each += 3 * plan.faults.load_delay_max;
    if (endpoint.settings.rate_per_second > 0) each += seconds{1};
    if (plan.room == Plan::Room::tight) each += others * kPatienceInTightRoom;
    const auto lane = lanes_.find(endpoint.id);
    const std::size_t sent = lane == lanes_.end() ? 0 : lane->second.starts.size();
    // A pause that began before the clock was set back is met a second time.
    const Microseconds again = was_set_back() ? kPauseAfterTrouble : Microseconds{0};
    return again + kPatience + each * static_cast<std::int64_t>(due + sent);
}

// Whatever is due at an endpoint that may be called is sent within reasonable time.
void Checker::audit_lane(TimePoint now, const dispatch::Endpoint& endpoint) {
    const Microseconds here = parts_.agenda.now();
    const Lane& lane = lanes_[endpoint.id];
    const Microseconds trouble = parts_.network.last_trouble(endpoint.id, here);
    Microseconds calm_from = std::max(calm_from_, lane.calm_from);
    if (trouble > Microseconds{0}) calm_from = std::max(calm_from, trouble + kPauseAfterTrouble);
    const bool is_enabled = endpoint.status == storage::EndpointStatus::enabled;
    const std::vector<DeliveryId> due = parts_.store.due(endpoint.id, now);
    const Microseconds allowed = lateness_allowed(endpoint, due.size());
    for (const DeliveryId id : due) {
        Facts& known = facts(id);
        if (!is_enabled || here < calm_from || known.in_flight) {
            known.idle_since.reset();
            continue;
        }
        waiting_ = true;
        if (!known.idle_since) known.idle_since = here;
        if (here - *known.idle_since > allowed) fail("due and not sent", id);
    }
}

// A held delivery waits for an earlier one; without one it would wait for ever.
void Checker::check_held() const {
    for (const storage::KeyAtEndpoint& key : parts_.store.keys_with_held()) {
        const DeliveryId first = parts_.store.open_of_key(key).front();
        const bool waits_for_nothing = parts_.store.row(first).queue == DeliveryQueue::held;
        if (waits_for_nothing) fail("held although nothing stands before it", first);
    }
}

void Checker::check_sequences() const {
    std::map<EndpointId, std::int64_t> last;
    for (const DeliveryRow& row : parts_.store.rows()) {
        if (row.sequence != ++last[row.endpoint]) fail("the sequence has a gap", row.id);
    }
}

void Checker::check_closed(const DeliveryRow& row, TimePoint now) const {
    const Facts& known = facts(row.id);
    const dispatch::Endpoint& endpoint = parts_.store.endpoint(row.endpoint);
    const bool works = endpoint.status == storage::EndpointStatus::enabled;
    if (storage::is_open(row.state)) {
        // What was to come at a time of a clock that was set back since comes that much later.
        const bool comes_later = row.due_at > now && was_set_back();
        if (works && !comes_later) fail("never came to an end", row.id);
        return;
    }
    if (row.state == DeliveryState::delivered && !known.accepted) {
        fail("counts as delivered and did not arrive", row.id);
    }
    if (row.state == DeliveryState::dead && !known.died) fail("dead of nothing", row.id);
    const bool may_be_canceled = known.canceled || endpoint.disabled_reason == "deleted";
    if (row.state == DeliveryState::canceled && !may_be_canceled) {
        fail("nobody canceled it", row.id);
    }
    if (row.state == DeliveryState::superseded && !parts_.store.has_newer_delivered(row)) {
        fail("superseded by nothing", row.id);
    }
    if (row.reason == "event_gone" && parts_.store.event(row.event) != nullptr) {
        fail("its event is still there", row.id);
    }
}

void Checker::finish(TimePoint now) const {
    check_held();
    check_sequences();
    for (const DeliveryRow& row : parts_.store.rows()) check_closed(row, now);
}

}  // namespace postern::scenario
