#include "dispatch/engine_impl.hpp"

#include <algorithm>

// Lanes that come and go: what this node serves when several share one store.
namespace postern::dispatch {

namespace {

constexpr std::chrono::seconds kStarvedLook{1};  // between two looks at who is starved

}  // namespace

bool Engine::Impl::is_current(const Lane& lane, const Flight& flight) const {
    return lane.hands == Lane::Hands::ours && lane.tenure == flight.tenure;
}

void Engine::Impl::grant(Lane& lane, const storage::EndpointHealthRow& health, TimePoint at) {
    end_tenure(lane);
    lane.hands = Lane::Hands::ours;
    lane.ours_since = at;
    // It may stand in the round since it was ours the last time: it has not waited since then.
    lane.ready_since = at;
    granted.insert(lane.id());
    lane.take_health(health, limits.breaker);
    lane.bucket.drain(at);
    // What is due is not known here; the past is a safe guess that costs one read.
    lane.fresh.store_due = lane.retry.store_due = TimePoint{};
    lane.fresh.load_not_before = lane.retry.load_not_before = TimePoint{};
}

// Reads that are under way may bring what another node changes meanwhile.
void Engine::Impl::end_tenure(Lane& lane) {
    lane.hands = Lane::Hands::others;
    lane.tenure += 1;
    lane.idle_since.reset();
    granted.erase(lane.id());
    drop_windows(lane);
    for (Window* window : {&lane.fresh, &lane.retry}) {
        if (window->load) window->load->is_void = true;
    }
    mark_dirty(lane);
}

void Engine::Impl::want(const Lane& lane, const Nudge& nudge) {
    if (!lane.is_serving()) return;
    if (nudge.delivery.value != 0) {
        changed_elsewhere.push_back(nudge);
        return;
    }
    TimePoint& due_at =
        lanes_wanted.try_emplace({lane.id(), nudge.queue}, nudge.due_at).first->second;
    due_at = std::min(due_at, nudge.due_at);
}

void Engine::Impl::give_back(Lane& lane, std::optional<TimePoint> next_due) {
    end_tenure(lane);
    given_back.push_back({.endpoint = lane.id(), .next_due = next_due});
}

void Engine::Impl::emit_claims(std::vector<EngineAction>& actions) {
    kept.forget_old(now);
    for (const GiveBackLane& lane : given_back) actions.emplace_back(lane);
    for (const auto& [which, due_at] : lanes_wanted) {
        actions.emplace_back(WantLane{
            .nudge = {.endpoint = which.first, .queue = which.second, .due_at = due_at}});
    }
    for (const Nudge& nudge : changed_elsewhere) actions.emplace_back(WantLane{.nudge = nudge});
    given_back.clear();
    lanes_wanted.clear();
    changed_elsewhere.clear();
}

// ---------------------------------------------------------------- giving back

// When the lane has something to do next, as far as it is known here.
std::optional<TimePoint> Engine::Impl::next_work(const Lane& lane) const {
    if (!lane.is_serving()) return std::nullopt;
    const auto in_memory = earlier(lane.fresh.head(), lane.retry.head());
    const auto in_store = earlier(lane.fresh.earliest_in_store(), lane.retry.earliest_in_store());
    auto work = earlier(in_memory, in_store);
    if (!work) return std::nullopt;
    if (is_due_or_absurd(*work)) work = std::min(*work, now);
    if (in_flight_allowed(lane) > 0) return work;
    return std::max(*work, *lane.breaker.not_before());
}

// When it may be given back, if nothing happens to it before.
std::optional<TimePoint> Engine::Impl::release_time(Lane& lane) const {
    if (!is_by_grant() || is_stopping || lane.hands != Lane::Hands::ours) return std::nullopt;
    const auto work = next_work(lane);
    const bool is_wanted = work && *work <= now + limits.idle_release;
    if (is_wanted || lane.outstanding() > 0 || lane.is_reading()) {
        lane.idle_since.reset();
        return std::nullopt;
    }
    // A beginning in the future is of a clock that was set back since.
    lane.idle_since = std::min(lane.idle_since.value_or(now), now);
    return *lane.idle_since + limits.idle_release;
}

// Others may have room. Only what has nothing under way can change hands without being two nodes'
// at once.
void Engine::Impl::give_back_starved() {
    const auto wake = starved_wake();
    if (!wake || *wake > now) return;
    starved_look = now + kStarvedLook;
    std::vector<Lane*> starved;
    for (const EndpointId id : ready) {
        Lane* lane = find_lane(id);
        if (lane == nullptr || !lane->is_ready || !lane->is_at_work()) continue;
        if (lane->ready_since + limits.starved_release > now) break;
        if (lane->outstanding() == 0 && !lane->is_reading()) starved.push_back(lane);
    }
    for (Lane* lane : starved) give_back(*lane, next_work(*lane));
}

std::optional<TimePoint> Engine::Impl::starved_wake() const {
    if (!is_by_grant() || is_stopping || standing.live_nodes < 2) return std::nullopt;
    if (!is_full() || ready.empty()) return std::nullopt;
    const auto first = lanes.find(ready.front());
    const TimePoint since = first == lanes.end() ? now : first->second->ready_since;
    return std::max(since + limits.starved_release, starved_look.value_or(since));
}

// ---------------------------------------------------------------- among others

std::int64_t Engine::Impl::in_flight_per_origin() const {
    const auto nodes = static_cast<std::int64_t>(std::max<std::size_t>(standing.live_nodes, 1));
    return std::max<std::int64_t>(limits.in_flight_per_origin_max / nodes, 1);
}

void Engine::Impl::stand(const Standing& chosen) {
    const std::int64_t before = in_flight_per_origin();
    standing = chosen;
    const std::int64_t more = in_flight_per_origin() - before;
    if (more <= 0) return;
    for (const auto& [name, known] : origins) {
        const std::shared_ptr<Origin> origin = known.lock();
        for (std::int64_t i = 0; origin && i < more; ++i) pass_on_room(*origin);
    }
}

std::vector<EndpointId> Engine::Impl::ours_after(EndpointId last, std::size_t count_max) const {
    std::vector<EndpointId> found;
    if (is_by_grant()) {
        for (auto next = granted.upper_bound(last); next != granted.end(); ++next) {
            if (found.size() == count_max) break;
            found.push_back(*next);
        }
        return found;
    }
    for (auto next = lanes.upper_bound(last); next != lanes.end(); ++next) {
        if (found.size() == count_max) break;
        found.push_back(next->first);
    }
    return found;
}

}  // namespace postern::dispatch
