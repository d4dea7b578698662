#include "dispatch/engine_impl.hpp"

#include <algorithm>

namespace postern::dispatch {

using storage::DeliveryQueue;

namespace {

// The clock's own small corrections are not worth a look at every lane.
constexpr std::chrono::seconds kClockSlack{1};
// One part in so many of all calls at once is kept for endpoints that have few under way: however
// many endpoints hang until their time limits, one that answers is still called.
constexpr std::int64_t kReservedPart = 4;

}  // namespace

void Engine::Impl::poll(TimePoint at, std::vector<EngineAction>& actions) {
    if (polled_at && at + kClockSlack < *polled_at) on_clock_set_back(at);
    polled_at = now = at;
    wake_sleepers();
    wake_records();
    do {
        look_at_dirty();
        run_turns(actions);
        give_back_starved();
    } while (!dirty.empty());
    start_loads(actions);
    emit_records(actions);
    emit_claims(actions);
}

void Engine::Impl::mark_dirty(Lane& lane) {
    if (std::exchange(lane.is_dirty, true)) return;
    dirty.push_back(lane.id());
}

// A look may make other lanes dirty: they are appended and looked at in the same pass.
void Engine::Impl::look_at_dirty() {
    for (std::size_t i = 0; i < dirty.size(); ++i) {
        Lane* lane = find_lane(dirty[i]);
        if (lane == nullptr || !std::exchange(lane->is_dirty, false)) continue;
        look_at(*lane);
    }
    dirty.clear();
}

void Engine::Impl::look_at(Lane& lane) {
    looks += 1;
    rest_until(lane, std::nullopt);
    leave_crowd(lane);
    const bool serves = !is_stopping && lane.is_at_work();
    if (serves) {
        consider_load(lane, DeliveryQueue::fresh);
        consider_load(lane, DeliveryQueue::retry);
    }
    if (serves && may_start(lane)) {
        if (std::exchange(lane.is_ready, true)) return;
        lane.ready_since = now;
        ready.push_back(lane.id());
        return;
    }
    if (std::exchange(lane.woken_by_origin, false)) pass_on_room(*lane.origin);
    const auto release = release_time(lane);
    if (release && *release <= now) return give_back(lane, next_work(lane));
    rest_until(lane, earlier(serves ? wake_time(lane) : std::nullopt, release));
}

std::int64_t Engine::Impl::in_flight_allowed(const Lane& lane) const {
    return std::min(
        lane.breaker.in_flight_allowed(now),
        std::max<std::int64_t>(lane.endpoint->settings.in_flight_max, 1)
    );
}

bool Engine::Impl::may_start(const Lane& lane) const {
    return lane.is_at_work() && lane.in_flight < in_flight_allowed(lane) && lane.next_queue(now)
           && lane.bucket.next_at(now) <= now;
}

// When a lane that cannot send now could, if nothing else happens to it: what else may happen (an
// attempt or a read ends, something is offered) makes it dirty.
std::optional<TimePoint> Engine::Impl::wake_time(const Lane& lane) const {
    const auto in_memory = earlier(lane.fresh.head(), lane.retry.head());
    const auto in_store = earlier(lane.fresh.store_due, lane.retry.store_due);
    const auto work = earlier(in_memory, in_store);
    if (!work) return std::nullopt;
    const std::int64_t allowed = in_flight_allowed(lane);
    if (allowed == 0) {
        const TimePoint end_of_pause = *lane.breaker.not_before();
        return is_due_or_absurd(*work) ? end_of_pause : std::max(end_of_pause, *work);
    }
    if (lane.in_flight >= allowed) return std::nullopt;
    if (in_memory && *in_memory <= now) return lane.bucket.next_at(now);
    return earlier(in_memory, earlier(load_time(lane.fresh), load_time(lane.retry)));
}

std::optional<TimePoint> Engine::Impl::load_time(const Window& window) const {
    if (!window.store_due || window.load || window.load_wanted) return std::nullopt;
    if (is_load_paused(window)) return window.load_not_before;
    if (is_due_or_absurd(*window.store_due)) return std::nullopt;
    return *window.store_due;
}

void Engine::Impl::rest_until(Lane& lane, std::optional<TimePoint> wake_at) {
    if (lane.wake_at) sleepers.erase({*lane.wake_at, lane.id()});
    lane.wake_at = wake_at;
    if (wake_at) sleepers.emplace(*wake_at, lane.id());
}

void Engine::Impl::wake_sleepers() {
    while (!sleepers.empty() && sleepers.begin()->first <= now) {
        const EndpointId id = sleepers.begin()->second;
        sleepers.erase(sleepers.begin());
        Lane& lane = *find_lane(id);
        lane.wake_at.reset();
        mark_dirty(lane);
    }
}

// One attempt per lane and turn, so that whoever has much to send does not send it first.
void Engine::Impl::run_turns(std::vector<EngineAction>& actions) {
    while (!is_full() && now < standing.ours_until) {
        Lane* lane = next_in_turn();
        if (lane == nullptr) return;
        take_turn(*lane, actions);
    }
}

bool Engine::Impl::is_full() const {
    return in_flight >= limits.in_flight_max || unrecorded >= limits.unrecorded_max;
}

// Of the crowded, whoever has the least goes first.
Lane* Engine::Impl::next_in_turn() {
    while (!ready.empty()) {
        Lane* lane = find_lane(ready.front());
        ready.pop_front();
        if (lane != nullptr && std::exchange(lane->is_ready, false)) return lane;
    }
    while (!crowded.empty() && has_room_for(crowded.begin()->first)) {
        Lane* lane = find_lane(crowded.begin()->second);
        crowded.erase(crowded.begin());
        if (lane == nullptr) continue;
        lane->crowded_at.reset();
        return lane;
    }
    return nullptr;
}

// A lane with nothing under way always has, as long as there is any room.
bool Engine::Impl::has_room_for(std::int64_t lane_in_flight) const {
    const std::int64_t room = limits.in_flight_max - in_flight;
    return room > limits.in_flight_max / kReservedPart || lane_in_flight < room;
}

void Engine::Impl::wait_for_room(Lane& lane) {
    leave_crowd(lane);
    lane.crowded_at = lane.in_flight;
    crowded.emplace(lane.in_flight, lane.id());
    if (std::exchange(lane.woken_by_origin, false)) pass_on_room(*lane.origin);
}

void Engine::Impl::leave_crowd(Lane& lane) {
    if (lane.crowded_at) crowded.erase({*lane.crowded_at, lane.id()});
    lane.crowded_at.reset();
}

void Engine::Impl::take_turn(Lane& lane, std::vector<EngineAction>& actions) {
    if (may_start(lane) && lane.origin->in_flight >= in_flight_per_origin()) {
        lane.woken_by_origin = false;
        if (!std::exchange(lane.waits_for_origin, true)) lane.origin->waiters.push_back(lane.id());
        return;
    }
    if (may_start(lane) && !has_room_for(lane.in_flight)) return wait_for_room(lane);
    if (may_start(lane)) {
        lane.woken_by_origin = false;
        start_attempt(lane, actions);
    }
    look_at(lane);
}

void Engine::Impl::start_attempt(Lane& lane, std::vector<EngineAction>& actions) {
    const DeliveryQueue queue = *lane.next_queue(now);
    Window& window = lane.window(queue);
    auto flight = std::make_unique<Flight>();
    flight->item = take_out(window, window.items.begin()->first);
    const TimePoint due_at = flight->item.due_at;
    if (flight->item.was_read)
        window.sent_up_to = std::max(window.sent_up_to.value_or(due_at), due_at);
    flight->queue = queue;
    flight->tenure = lane.tenure;
    flight->origin = lane.origin;
    if (flight->item.content) flight->event_type = flight->item.content->type;
    actions.emplace_back(StartAttempt{.item = flight->item, .endpoint = lane.endpoint});
    Held& taken = held.at(flight->item.delivery.value);
    taken.place = Held::Place::in_flight;
    taken.flight = std::move(flight);
    lane.turns += 1;
    lane.in_flight += 1;
    lane.origin->in_flight += 1;
    in_flight += 1;
    lane.bucket.take(now);
}

void Engine::Impl::pass_on_room(Origin& origin) {
    while (!origin.waiters.empty() && origin.in_flight < in_flight_per_origin()) {
        Lane* lane = find_lane(origin.waiters.front());
        origin.waiters.pop_front();
        if (lane == nullptr || lane->origin.get() != &origin) continue;
        if (!std::exchange(lane->waits_for_origin, false)) continue;
        lane->woken_by_origin = true;
        mark_dirty(*lane);
        return;
    }
}

// Times that were right a moment ago may lie years ahead now.
void Engine::Impl::on_clock_set_back(TimePoint at) {
    for (const auto& [id, lane] : lanes) {
        bring_near(lane->fresh, at);
        bring_near(lane->retry, at);
        mark_dirty(*lane);
    }
    std::set<std::pair<TimePoint, DeliveryId>> awake;
    for (const auto& [due_at, delivery] : records_asleep) awake.emplace(at, delivery);
    records_asleep.swap(awake);
}

}  // namespace postern::dispatch
