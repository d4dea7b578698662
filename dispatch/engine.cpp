#include "dispatch/engine.hpp"

#include "core/assert.hpp"
#include "dispatch/engine_impl.hpp"

#include <algorithm>

namespace postern::dispatch {
namespace {

// By then this node has heard of it.
constexpr std::chrono::seconds kLookAgain{1};

}  // namespace

using storage::DeliveryQueue;

DueItem due_item_of(const storage::DeliveryRow& row) {
    return {
        .delivery = row.id,
        .event = row.event,
        .endpoint = row.endpoint,
        .due_at = row.due_at,
        .fence = row.fence,
        .sequence = row.sequence,
        .order_key = row.order_key,
        .progress =
            {.attempts = row.attempts,
             .round_attempts = row.round_attempts,
             .round_started_at = row.round_started_at,
             .trigger = row.trigger},
        .content = nullptr};
}

Lane* Engine::Impl::find_lane(EndpointId id) {
    const auto found = lanes.find(id);
    return found == lanes.end() ? nullptr : found->second.get();
}

void Engine::Impl::put(
    std::shared_ptr<const Endpoint> endpoint,
    const std::optional<storage::EndpointHealthRow>& health,
    const StoredDue& stored_due
) {
    Lane* lane = find_lane(endpoint->id);
    if (lane == nullptr) {
        lane = &make_lane(
            std::move(endpoint), health.value_or(storage::EndpointHealthRow{.endpoint = {}})
        );
    } else if (endpoint->revision < lane->endpoint->revision) {
        return;
    } else {
        change_endpoint(*lane, std::move(endpoint));
    }
    if (lane->hands == Lane::Hands::others) {
        if (stored_due.fresh) want(*lane, {.endpoint = lane->id(), .due_at = *stored_due.fresh});
        return;
    }
    if (stored_due.fresh) lane->fresh.lower_store_due(*stored_due.fresh);
    if (stored_due.retry) lane->retry.lower_store_due(*stored_due.retry);
    mark_dirty(*lane);
}

Lane& Engine::Impl::make_lane(
    std::shared_ptr<const Endpoint> endpoint,
    const storage::EndpointHealthRow& health
) {
    const EndpointId id = endpoint->id;
    auto made = std::make_unique<Lane>(std::move(endpoint), limits.breaker, health);
    Lane& lane = *made;
    if (is_by_grant()) lane.hands = Lane::Hands::others;
    lanes.emplace(id, std::move(made));
    move_to_origin(lane);
    return lane;
}

void Engine::Impl::change_endpoint(Lane& lane, std::shared_ptr<const Endpoint> endpoint) {
    const bool was_serving = lane.is_serving();
    // Only a newer revision answers the order to stop: the same one is what was stopped.
    if (endpoint->revision > lane.endpoint->revision || lane.presence == Lane::Presence::removed) {
        lane.presence = Lane::Presence::here;
    }
    const bool moves = endpoint->url != lane.endpoint->url;
    lane.endpoint = std::move(endpoint);
    lane.breaker.set_in_flight_max(lane.endpoint->settings.in_flight_max);
    lane.bucket.set_rate(lane.endpoint->settings.rate_per_second);
    if (moves) move_to_origin(lane);
    if (!lane.is_serving()) drop_windows(lane);
    if (lane.is_serving() && !was_serving) lane.breaker.reset();
}

void Engine::Impl::remove(Lane& lane) {
    lane.presence = Lane::Presence::removed;
    drop_windows(lane);
    mark_dirty(lane);
    bury_if_forgotten(lane);
}

void Engine::Impl::bury_if_forgotten(Lane& lane) {
    if (!lane.is_forgotten()) return;
    rest_until(lane, std::nullopt);
    leave_crowd(lane);
    leave_origin(lane);
    const EndpointId id = lane.id();
    if (granted.erase(id) > 0) given_back.push_back({.endpoint = id, .next_due = {}});
    lanes.erase(id);
}

void Engine::Impl::move_to_origin(Lane& lane) {
    if (lane.origin) leave_origin(lane);
    std::weak_ptr<Origin>& known = origins[origin_of_url(lane.endpoint->url)];
    lane.origin = known.lock();
    if (lane.origin) return;
    lane.origin = std::make_shared<Origin>();
    known = lane.origin;
}

void Engine::Impl::leave_origin(Lane& lane) {
    lane.waits_for_origin = false;
    if (std::exchange(lane.woken_by_origin, false)) pass_on_room(*lane.origin);
    lane.origin.reset();
    std::erase_if(origins, [](const auto& known) { return known.second.expired(); });
}

Engine::Status Engine::Impl::status(TimePoint at) const {
    Status status{
        .endpoints = 0,
        .items = items,
        .content_bytes = content_bytes,
        .in_flight = in_flight,
        .unrecorded = unrecorded,
        .breakers_open = 0,
        .oldest_due = std::nullopt,
        .looks = looks};
    if (is_by_grant()) {
        for (const EndpointId id : granted) count_in(status, *lanes.at(id), at);
    } else {
        for (const auto& [id, lane] : lanes) count_in(status, *lane, at);
    }
    return status;
}

void Engine::Impl::count_in(Status& status, const Lane& lane, TimePoint at) const {
    if (lane.presence == Lane::Presence::removed) return;
    status.endpoints += 1;
    const bool is_open = lane.breaker.in_flight_allowed(at) == 0;
    if (is_open) status.breakers_open += 1;
    if (is_open || !lane.is_serving()) return;
    for (const Window* window : {&lane.fresh, &lane.retry}) {
        for (const auto due_at : {window->head(), window->earliest_in_store()}) {
            // The beginning of time stands for "not known yet": nothing is late by it.
            if (!due_at || *due_at > at || *due_at <= TimePoint{}) continue;
            status.oldest_due = std::min(status.oldest_due.value_or(*due_at), *due_at);
        }
    }
}

Engine::Engine(EngineLimits limits, Random random)
    : impl_{std::make_unique<Impl>(limits, std::move(random))} {
    POSTERN_ASSERT(limits.window_items > 0);
    POSTERN_ASSERT(limits.loads_max > 0);
}

Engine::~Engine() = default;

void Engine::put_endpoint(
    std::shared_ptr<const Endpoint> endpoint,
    const std::optional<storage::EndpointHealthRow>& health,
    StoredDue stored_due
) {
    impl_->put(std::move(endpoint), health, stored_due);
}

void Engine::remove_endpoint(EndpointId id) {
    if (Lane* lane = impl_->find_lane(id)) impl_->remove(*lane);
}

void Engine::grant(
    EndpointId id,
    const std::optional<storage::EndpointHealthRow>& health,
    TimePoint now
) {
    Lane* lane = impl_->find_lane(id);
    if (lane == nullptr) {
        // Deleted, or made on another node a moment ago: whoever looks again will know.
        impl_->given_back.push_back({.endpoint = id, .next_due = now + kLookAgain});
        return;
    }
    if (lane->presence == Lane::Presence::removed) {
        impl_->given_back.push_back({.endpoint = id, .next_due = {}});
        return;
    }
    impl_->grant(*lane, health.value_or(storage::EndpointHealthRow{.endpoint = id}), now);
}

void Engine::revoke(EndpointId id) {
    if (Lane* lane = impl_->find_lane(id)) impl_->end_tenure(*lane);
}

std::vector<GiveBackLane> Engine::give_all_back(TimePoint now) {
    const std::set<EndpointId> granted = impl_->granted;
    for (const EndpointId id : granted) {
        Lane& lane = *impl_->find_lane(id);
        impl_->give_back(lane, lane.outstanding() > 0 ? now : impl_->next_work(lane));
    }
    return std::exchange(impl_->given_back, {});
}

void Engine::stand(const Standing& standing) {
    impl_->stand(standing);
}

std::vector<EndpointId> Engine::ours_after(EndpointId last, std::size_t count_max) const {
    return impl_->ours_after(last, count_max);
}

bool Engine::may_send(DeliveryId delivery) const {
    const Held* held = impl_->find_in_flight(delivery);
    return held != nullptr && impl_->is_current(*impl_->find_lane(held->endpoint), *held->flight);
}

void Engine::offer(DueItem item) {
    impl_->offer(std::move(item));
}

void Engine::nudge(const Nudge& nudge) {
    if (nudge.delivery.value != 0) impl_->withdraw(nudge.delivery);
    impl_->nudge(nudge);
}

void Engine::withdraw(DeliveryId delivery) {
    impl_->withdraw(delivery);
}

void Engine::attempt_ended(DeliveryId delivery, AttemptResult result, TimePoint now) {
    Held* held = impl_->find_in_flight(delivery);
    if (held != nullptr) impl_->attempt_ended(*held, std::move(result), now);
}

void Engine::attempt_skipped(DeliveryId delivery, SkipReason reason, TimePoint) {
    Held* held = impl_->find_in_flight(delivery);
    if (held != nullptr) impl_->attempt_skipped(*held, reason);
}

void Engine::attempt_not_made(DeliveryId delivery, TimePoint now) {
    impl_->attempt_not_made(delivery, now);
}

void Engine::learned_event_type(DeliveryId delivery, std::string_view event_type) {
    Held* held = impl_->find_in_flight(delivery);
    if (held != nullptr) held->flight->event_type = event_type;
}

void Engine::recorded(DeliveryId delivery, const Recorded& recorded) {
    impl_->recorded(delivery, recorded);
}

void Engine::record_failed(DeliveryId delivery, TimePoint now) {
    impl_->record_failed(delivery, now);
}

void Engine::loaded(const storage::DueQuery& query, storage::DueRows rows) {
    impl_->loaded(query, std::move(rows));
}

void Engine::load_failed(const storage::DueQuery& query, TimePoint now) {
    impl_->load_failed(query, now);
}

void Engine::poll(TimePoint now, std::vector<EngineAction>& actions) {
    impl_->poll(now, actions);
}

std::optional<TimePoint> Engine::next_wake() const {
    if (!impl_->dirty.empty() || !impl_->records_to_emit.empty()) return impl_->now;
    const bool has_news = !impl_->lanes_wanted.empty() || !impl_->changed_elsewhere.empty()
                          || !impl_->given_back.empty();
    if (has_news) return impl_->now;
    std::optional<TimePoint> wake = impl_->starved_wake();
    if (!impl_->sleepers.empty()) wake = earlier(wake, impl_->sleepers.begin()->first);
    if (!impl_->records_asleep.empty()) {
        wake = earlier(wake, impl_->records_asleep.begin()->first);
    }
    return wake;
}

void Engine::stop() {
    impl_->is_stopping = true;
    impl_->ready.clear();
    impl_->crowded.clear();
    impl_->sleepers.clear();
    impl_->loads_wanted.clear();
}

Engine::Status Engine::status(TimePoint now) const {
    return impl_->status(now);
}

bool Engine::is_in_flight(DeliveryId delivery) const {
    return impl_->find_in_flight(delivery) != nullptr;
}

}  // namespace postern::dispatch
