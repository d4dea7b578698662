#include "core/assert.hpp"
#include "dispatch/engine_impl.hpp"

#include <algorithm>

namespace postern::dispatch {

using storage::AttemptError;
using storage::DeliveryQueue;

namespace {

constexpr std::chrono::seconds kRecordPauseFirst{1};
constexpr std::chrono::seconds kRecordPauseMax{30};
constexpr std::chrono::seconds kNotMadePause{1};

// None: it says nothing of the endpoint's health.
std::optional<Breaker::Signal> signal_of(const AttemptResult& result) {
    if (result.error == AttemptError::none) return Breaker::Signal::success;
    // Refusing one message is a decision of a receiver that is well.
    if (result.wish == ReceiverWish::stop_message) return std::nullopt;
    if (result.error == AttemptError::timeout) return Breaker::Signal::overload;
    switch (result.status) {
        case 429:
        case 502:
        case 503:
        case 504: return Breaker::Signal::overload;
        default: return Breaker::Signal::failure;
    }
}

storage::AttemptRow attempt_row_of(const DueItem& item, AttemptResult result) {
    return {
        .id = {},
        .delivery = item.delivery,
        .number = item.progress.attempts + 1,
        .started_at = result.started_at,
        .phases = result.phases,
        .trigger = item.progress.trigger,
        .status = result.status,
        .error = result.error,
        .address = std::move(result.address),
        .response_headers = std::move(result.response_headers),
        .response_body = std::move(result.response_body),
        .trace = result.trace.is_set() ? std::optional{result.trace} : std::nullopt};
}

RecordEnd record_of(const Lane& lane, const Flight& flight, const Disposition& disposition) {
    const EndpointSettings& settings = lane.endpoint->settings;
    const bool keeps_order = settings.ordering == Ordering::payment;
    RecordEnd record;
    record.finished.delivery = flight.item.delivery;
    record.finished.fence = flight.item.fence;
    record.finished.disposition = disposition;
    record.finished.max_hold = settings.max_hold;
    record.finished.order = keeps_order ? NewDelivery::Order::kept : NewDelivery::Order::any;
    record.endpoint = lane.id();
    record.event_type = flight.event_type;
    record.event = flight.item.event;
    return record;
}

}  // namespace

Held* Engine::Impl::find_in_flight(DeliveryId delivery) {
    const auto found = held.find(delivery.value);
    if (found == held.end() || found->second.place != Held::Place::in_flight) return nullptr;
    return &found->second;
}

// Its room is free for others. A lane outlives what it has under way.
Lane& Engine::Impl::land(Held& landed) {
    Lane* lane = find_lane(landed.endpoint);
    POSTERN_ASSERT(lane != nullptr);
    lane->in_flight -= 1;
    in_flight -= 1;
    Origin& origin = *landed.flight->origin;
    origin.in_flight -= 1;
    pass_on_room(origin);
    mark_dirty(*lane);
    return *lane;
}

void Engine::Impl::attempt_ended(Held& ended, AttemptResult result, TimePoint at) {
    Lane& lane = land(ended);
    const Flight& flight = *ended.flight;
    const RetryPolicy& policy = retry_policy_of(lane.endpoint->settings, flight.event_type);
    RecordEnd record =
        record_of(lane, flight, decide(flight.item.progress, policy, result, at, random()));
    // Whoever serves it since judges by what it sees itself.
    if (is_current(lane, flight)) judge_health(lane, record, result, at);
    obey(lane, record);
    record.finished.attempt = attempt_row_of(flight.item, std::move(result));
    await_record(lane, ended, std::move(record));
}

// Failures alone are no news: they would be written with every attempt. Where lanes change hands
// they are, or a slow row of failures would be counted from its beginning by each node.
bool Engine::Impl::is_news(const Lane& lane) const {
    const storage::EndpointHealthRow health = lane.health();
    const storage::EndpointHealthRow& written = lane.health_written;
    return health.failing_since != written.failing_since || health.not_before != written.not_before
           || health.breaker_openings != written.breaker_openings
           || (is_by_grant() && health.failures != written.failures);
}

void Engine::Impl::judge_health(
    Lane& lane,
    RecordEnd& record,
    const AttemptResult& result,
    TimePoint at
) {
    Breaker::Change change = Breaker::Change::none;
    const auto signal = signal_of(result);
    if (signal) change = lane.breaker.completed(*signal, at, result.retry_after);
    switch (change) {
        case Breaker::Change::none: break;
        case Breaker::Change::opened:
            if (lane.breaker.openings() == 1) record.notice = RecordEnd::Notice::failing;
            drop_contents(lane);
            break;
        case Breaker::Change::recovered: record.notice = RecordEnd::Notice::recovered; break;
        case Breaker::Change::hopeless:
            // Nobody is to lose his endpoint by the fault of our own proxy.
            if (result.error != AttemptError::proxy_failed) stop_lane(lane, record, "failing");
            break;
    }
    if (!is_news(lane)) return;
    lane.health_written = lane.health();
    record.health = lane.health_written;
}

void Engine::Impl::obey(Lane& lane, RecordEnd& record) {
    switch (record.finished.disposition.endpoint) {
        case EndpointVerdict::keep: return;
        case EndpointVerdict::disable_gone: return stop_lane(lane, record, "gone");
        case EndpointVerdict::disable_requested: return stop_lane(lane, record, "requested");
    }
}

// Said once: one that is disabled already, or is about to be, stays as it is.
void Engine::Impl::stop_lane(Lane& lane, RecordEnd& record, std::string_view reason) {
    if (!lane.is_serving()) return;
    lane.presence = Lane::Presence::stopped;
    record.disable_reason = reason;
    drop_windows(lane);
}

void Engine::Impl::attempt_skipped(Held& skipped, SkipReason reason) {
    Lane& lane = land(skipped);
    await_record(lane, skipped, record_of(lane, *skipped.flight, decide_skipped(reason)));
}

void Engine::Impl::attempt_not_made(DeliveryId delivery, TimePoint at) {
    Held* found = find_in_flight(delivery);
    if (found == nullptr) return;
    Lane& lane = land(*found);
    const DeliveryQueue queue = found->flight->queue;
    DueItem item = std::move(found->flight->item);
    const std::unique_ptr<Flight> flight = std::move(found->flight);
    held.erase(delivery.value);
    const bool is_changed = flight->newer || flight->is_withdrawn;
    if (is_changed) settle(lane, {.delivery = delivery, .fence = {}});
    if (flight->newer) {
        lane.window(flight->newer->queue).lower_store_due(flight->newer->due_at);
    } else if (lane.is_serving() && is_current(lane, *flight) && !flight->is_withdrawn) {
        item.due_at = at + kNotMadePause;
        insert_or_leave(lane, queue, std::move(item));
    } else {
        lane.window(queue).lower_store_due(item.due_at);
    }
    bury_if_forgotten(lane);
}

void Engine::Impl::await_record(Lane& lane, Held& ended, RecordEnd record) {
    ended.place = Held::Place::unrecorded;
    ended.flight->item.content.reset();
    ended.flight->record = std::move(record);
    lane.unrecorded += 1;
    unrecorded += 1;
    records_to_emit.push_back(ended.flight->record.finished.delivery);
}

// The row goes on from what was written, unless somebody is known to have changed it since: then
// the store is asked.
void Engine::Impl::go_on_from(Lane& lane, const Flight& flight, const storage::DeliveryRow& row) {
    std::optional<std::int64_t> fence = std::max(row.fence, flight.item.fence + 1);
    if (flight.is_withdrawn) fence.reset();
    settle(lane, {.delivery = flight.item.delivery, .fence = fence});
    const auto& newer = flight.newer;
    if (newer && newer->fence > row.fence) lane.window(newer->queue).lower_store_due(newer->due_at);
    if (!is_open(row.state) || !row.queue || *row.queue == DeliveryQueue::held) return;
    if (flight.is_withdrawn) return lane.window(*row.queue).lower_store_due(row.due_at);
    keep_or_leave(lane, *row.queue, due_item_of(row));
}

// The lane has changed hands since: its node may have read the delivery before this was written,
// and would send it again.
void Engine::Impl::recorded_late(Lane& lane, const Flight& flight, const Recorded& outcome) {
    settle(lane, {.delivery = flight.item.delivery, .fence = {}});
    const storage::DeliveryRow& row = outcome.row;
    const DeliveryQueue queue = row.queue.value_or(DeliveryQueue::fresh);
    const auto& next = outcome.successor;
    if (lane.hands == Lane::Hands::ours) {
        if (is_open(row.state)) lane.window(queue).lower_store_due(row.due_at);
        if (next) lane.window(next->queue).lower_store_due(next->due_at);
        return;
    }
    want(lane, {.endpoint = lane.id(), .queue = queue, .due_at = row.due_at, .delivery = row.id});
    if (next) want(lane, *next);
}

void Engine::Impl::recorded(DeliveryId delivery, const Recorded& outcome) {
    const auto found = held.find(delivery.value);
    if (found == held.end() || found->second.place != Held::Place::unrecorded) return;
    Lane& lane = *find_lane(found->second.endpoint);
    const std::unique_ptr<Flight> flight = std::move(found->second.flight);
    held.erase(found);
    lane.unrecorded -= 1;
    unrecorded -= 1;
    if (is_current(lane, *flight)) {
        go_on_from(lane, *flight, outcome.row);
        const auto& next = outcome.successor;
        if (next) lane.window(next->queue).lower_store_due(next->due_at);
    } else {
        recorded_late(lane, *flight, outcome);
    }
    mark_dirty(lane);
    bury_if_forgotten(lane);
}

void Engine::Impl::record_failed(DeliveryId delivery, TimePoint at) {
    const auto found = held.find(delivery.value);
    if (found == held.end() || found->second.place != Held::Place::unrecorded) return;
    std::chrono::seconds& pause = found->second.flight->record_pause;
    pause = std::clamp(pause * 2, kRecordPauseFirst, kRecordPauseMax);
    records_asleep.emplace(at + pause, delivery);
}

void Engine::Impl::wake_records() {
    while (!records_asleep.empty() && records_asleep.begin()->first <= now) {
        records_to_emit.push_back(records_asleep.begin()->second);
        records_asleep.erase(records_asleep.begin());
    }
}

void Engine::Impl::emit_records(std::vector<EngineAction>& actions) {
    for (const DeliveryId delivery : records_to_emit) {
        const Flight& flight = *held.at(delivery.value).flight;
        RecordEnd record = flight.record;
        Lane& lane = *find_lane(record.endpoint);
        // One that is asked for again must not put an older health over a newer.
        if (record.health) record.health = lane.health();
        if (!is_current(lane, flight)) record.health.reset();
        // After our lease it may be another node's already. If it is not, the next end says it.
        if (record.health && now >= standing.ours_until) {
            record.health.reset();
            lane.health_written.failures = -1;
        }
        actions.emplace_back(std::move(record));
    }
    records_to_emit.clear();
}

}  // namespace postern::dispatch
