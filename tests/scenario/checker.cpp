#include "tests/scenario/checker.hpp"

#include <algorithm>

namespace postern::scenario {

using dispatch::StartAttempt;
using std::chrono::seconds;
using storage::AttemptError;
using storage::AttemptTrigger;
using storage::DeliveryRow;
using storage::DeliveryState;

namespace {

constexpr Microseconds kRateWindow = seconds{10};
constexpr Microseconds kStartsRemembered = std::chrono::minutes{30};

std::int64_t starts_since(const std::deque<Microseconds>& starts, Microseconds from) {
    return std::count_if(starts.begin(), starts.end(), [from](Microseconds at) {
        return at > from;
    });
}

}  // namespace

std::string_view origin_of(std::string_view url) {
    const std::size_t host = url.find("//") + 2;
    return url.substr(0, url.find('/', host));
}

void Checker::fail(std::string_view what, DeliveryId delivery) const {
    std::string text{what};
    if (delivery.value != 0) {
        const DeliveryRow& row = parts_.store.row(delivery);
        text += ": delivery " + std::to_string(delivery.value);
        text += " of endpoint " + std::to_string(row.endpoint.value);
        text += ", ";
        text += storage::to_text(row.state);
        text += ", fence " + std::to_string(row.fence);
        text += ", attempts " + std::to_string(row.attempts);
        text += ", due " + to_iso8601(row.due_at);
    }
    throw Violation{std::move(text)};
}

void Checker::process_began() {
    ++life_;
    disturbed(parts_.agenda.now() + seconds{10});
}

void Checker::process_ended() {
    bool between = false;
    for (Facts& known : facts_) {
        between = between || known.accepted_unrecorded;
        known.in_flight = known.on_the_wire = known.undecided = false;
    }
    if (between) parts_.seen.saw(Situation::crash_between_send_and_record);
    for (auto& [id, lane] : lanes_) {
        lane.in_flight = 0;
        lane.stopping = false;
        lane.starts.clear();
    }
    origins_.clear();
    in_flight_ = 0;
}

void Checker::clock_was_set(Microseconds shift) {
    const bool forward = shift > Microseconds{0};
    (forward ? forward_ : back_) += shift;
    parts_.seen.saw(forward ? Situation::clock_set_forward : Situation::clock_set_back);
    disturbed(parts_.agenda.now() + seconds{5});
}

void Checker::disturbed(EndpointId endpoint, Microseconds until) {
    Microseconds& calm_from = lanes_[endpoint].calm_from;
    calm_from = std::max(calm_from, until);
}

void Checker::scheduled(const Scheduled& made) {
    const DeliveryRow& row = made.row;
    if (static_cast<std::size_t>(row.id.value) != facts_.size() + 1) fail("a row came twice");
    facts_.push_back({.endpoint = row.endpoint, .order = made.order, .life = life_});
    if (row.state == DeliveryState::skipped) parts_.seen.saw(Situation::recorded_for_disabled);
    if (row.queue == storage::DeliveryQueue::held) parts_.seen.saw(Situation::held_for_order);
}

// ---------------------------------------------------------------- the beginning of an attempt

void Checker::started(const StartAttempt& start, const Moment& moment) {
    const DeliveryId id = start.item.delivery;
    Facts& known = facts(id);
    if (moment.endpoint == nullptr) fail("sent to an endpoint that was deleted", id);
    if (start.endpoint->revision != moment.endpoint->revision) fail("an old revision is used", id);
    if (start.endpoint->status != storage::EndpointStatus::enabled) fail("it is disabled", id);
    check_doubles(start, known);
    check_order(id, known);
    check_not_early(start, moment.now);
    check_caps(start, moment);
    const auto health = parts_.store.health(known.endpoint);
    if (health && health->not_before && health->failing_since
        && *health->not_before <= moment.now) {
        parts_.seen.saw(Situation::breaker_probed);
    }
    if (known.accepted_unrecorded) parts_.seen.saw(Situation::sent_again_after_crash);
    known.in_flight = true;
    // Between a person's wish and the engine's hearing of it, what is sent is not what was wished.
    const bool is_current = parts_.store.row(id).fence == start.item.fence;
    known.started_hands = is_current ? known.hands : -1;
    known.fence = start.item.fence;
    known.revision = start.endpoint->revision;
    known.origin = origin_of(start.endpoint->url);
    known.idle_since.reset();
    known.progress = start.item.progress;
    ++starts_;
}

void Checker::check_doubles(const StartAttempt& start, const Facts& known) const {
    const DeliveryId id = start.item.delivery;
    if (known.in_flight) fail("sent while it is being sent", id);
    if (known.success_life == life_ && known.success_hands == known.hands) {
        fail("sent again after it arrived", id);
    }
    const DeliveryRow& row = parts_.store.row(id);
    if (known.withdrawn_life == life_ && start.item.fence < known.withdrawn_fence) {
        fail("sent as it was before somebody changed it", id);
    }
    const bool delivered_for_good =
        row.state == DeliveryState::delivered && known.success_hands == known.hands;
    if (delivered_for_good) fail("sent although it was recorded as delivered", id);
}

void Checker::check_order(DeliveryId id, const Facts& known) const {
    const DeliveryRow& row = parts_.store.row(id);
    if (known.order == Kept::no || row.order_key == 0 || !storage::is_open(row.state)) return;
    if (row.trigger == AttemptTrigger::manual) return;  // by a person's wish, out of its turn
    for (const DeliveryId other : parts_.store.open_of_key({row.endpoint, row.order_key})) {
        const bool is_earlier = other < id;
        if (!is_earlier || parts_.store.row(other).trigger == AttemptTrigger::manual) continue;
        if (facts(other).order == Kept::yes) fail("sent before an earlier one of its payment", id);
    }
}

void Checker::check_not_early(const StartAttempt& start, TimePoint now) {
    const DeliveryId id = start.item.delivery;
    const DeliveryRow& row = parts_.store.row(id);
    if (row.due_at > now + dispatch::kDueAheadMax - seconds{60}) {
        parts_.seen.saw(Situation::due_far_ahead_sent);
        return;
    }
    if (start.item.due_at > now) fail("sent before it was due", id);
    const Facts& known = facts(id);
    if (!known.pause || row.fence != start.item.fence) return;
    const Microseconds passed = parts_.agenda.now() - known.pause->from;
    const Microseconds set_forward = forward_ - known.pause->forward_then;
    if (passed + set_forward + seconds{1} < known.pause->length) {
        fail("sent before its pause was over", id);
    }
}

void Checker::check_caps(const StartAttempt& start, const Moment& moment) {
    const DeliveryId id = start.item.delivery;
    Lane& lane = lanes_[start.item.endpoint];
    const dispatch::EndpointSettings& settings = moment.endpoint->settings;
    const dispatch::EngineLimits& limits = parts_.plan.limits;
    if (lane.stopping && lane.stopped_revision >= moment.endpoint->revision) {
        fail("sent although the endpoint was to be disabled", id);
    }
    std::int64_t& origin = origins_[std::string{origin_of(moment.endpoint->url)}];
    if (++lane.in_flight > settings.in_flight_max) fail("more at once than the endpoint takes", id);
    if (++origin > limits.in_flight_per_origin_max) fail("more at once than an origin takes", id);
    if (++in_flight_ > limits.in_flight_max) fail("more at once than allowed in all", id);
    if (lane.in_flight == settings.in_flight_max && settings.in_flight_max > 1) {
        parts_.seen.saw(Situation::endpoint_cap_reached);
    }
    if (origin == limits.in_flight_per_origin_max && lane.in_flight < settings.in_flight_max) {
        parts_.seen.saw(Situation::origin_cap_reached);
    }
    check_rate(lane, settings);
}

void Checker::check_rate(Lane& lane, const dispatch::EndpointSettings& settings) {
    const Microseconds now = parts_.agenda.now();
    lane.starts.push_back(now);
    while (lane.starts.front() + kStartsRemembered < now) lane.starts.pop_front();
    const std::int64_t rate = settings.rate_per_second;
    if (rate == 0 || parts_.agenda.now() < lane.calm_from) return;
    if (starts_since(lane.starts, now - seconds{1}) > rate) {
        parts_.seen.saw(Situation::rate_limited);
    }
    // What a bucket of one second lets through in the window, and one bucket more for a clock that
    // was set forward.
    const std::int64_t most = rate * (kRateWindow / seconds{1} + 2) + 1;
    if (starts_since(lane.starts, now - kRateWindow) > most) fail("faster than its rate");
}

// It no longer counts as a call under way.
void Checker::left_the_engine_hands(Facts& known) {
    known.on_the_wire = false;
    --lanes_[known.endpoint].in_flight;
    --origins_[known.origin];
    --in_flight_;
}

void Checker::skipped(DeliveryId delivery) {
    Facts& known = facts(delivery);
    left_the_engine_hands(known);
    known.skipped = true;
    known.undecided = true;
}

void Checker::not_made(DeliveryId delivery) {
    Facts& known = facts(delivery);
    left_the_engine_hands(known);
    known.in_flight = false;
}

void Checker::sent(const StartAttempt& start, const dispatch::EventContent& event) {
    Facts& known = facts(start.item.delivery);
    if (!dispatch::is_subscribed(start.endpoint->settings, event)) {
        fail("sent what was not subscribed", start.item.delivery);
    }
    known.on_the_wire = true;
    known.policy = dispatch::retry_policy_of(start.endpoint->settings, event.type);
}

void Checker::arrived(DeliveryId delivery, const CallOutcome& outcome) {
    if (!outcome.accepted) return;
    facts(delivery).accepted = true;
    facts(delivery).accepted_unrecorded = true;
    if (outcome.result.error == AttemptError::timeout) parts_.seen.saw(Situation::reply_lost);
}

void Checker::ended(DeliveryId delivery, const dispatch::AttemptResult& result, TimePoint now) {
    Facts& known = facts(delivery);
    known.result = result;
    known.undecided = true;
    known.skipped = false;
    left_the_engine_hands(known);
    known.ended_at = now;
    known.ended_true = parts_.agenda.now();
    known.forward_then = forward_;
    if (result.error != AttemptError::none) return;
    known.success_life = life_;
    known.success_hands = known.started_hands;
    lanes_[known.endpoint].last_success = known.ended_true;
    lanes_[known.endpoint].forward_then = forward_;
}

bool Checker::is_in_flight(DeliveryId delivery) const {
    return facts(delivery).on_the_wire;
}

bool Checker::is_unsettled(DeliveryId delivery) const {
    return facts(delivery).in_flight && !facts(delivery).on_the_wire;
}

std::int64_t Checker::in_flight_of(EndpointId endpoint) const {
    const auto lane = lanes_.find(endpoint);
    return lane == lanes_.end() ? 0 : lane->second.in_flight;
}

std::int64_t Checker::in_flight() const {
    return in_flight_;
}

}  // namespace postern::scenario
