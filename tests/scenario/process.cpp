#include "tests/scenario/process.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace postern::scenario {

using dispatch::LoadDue;
using dispatch::RecordEnd;
using dispatch::SkipReason;
using dispatch::StartAttempt;
using std::chrono::milliseconds;
using std::chrono::seconds;
using storage::StoreError;

Process::Process(Parts parts, Random random)
    : parts_{parts},
      random_{random.fork()},
      spread_{random.fork()},
      clock_{
          parts.wall,
          [&agenda = parts.agenda] {
              return std::chrono::steady_clock::time_point{agenda.now()};
          }},
      engine_{
          parts.plan.limits,
          [this] {
              return spread_.unit();
          }},
      writer_{std::make_shared<Writer>(parts.agenda, parts.store, parts.trouble, random.fork())} {}

void Process::begin(const std::vector<EndpointId>& endpoints) {
    for (const EndpointId id : endpoints) {
        const auto endpoint = std::make_shared<const dispatch::Endpoint>(parts_.store.endpoint(id));
        endpoints_[id] = endpoint;
        if (parts_.lanes != nullptr) {
            engine_.put_endpoint(endpoint, std::nullopt, {});
            continue;
        }
        engine_.put_endpoint(
            endpoint,
            parts_.store.health(id),
            {.fresh = parts_.store.first_due(id, storage::DeliveryQueue::fresh),
             .retry = parts_.store.first_due(id, storage::DeliveryQueue::retry)}
        );
    }
    if (parts_.lanes != nullptr) sweep();
    poll_soon();
}

void Process::submit(Unit unit) {
    if (parts_.lanes != nullptr) {
        unit.done = [this, done = std::move(unit.done)](Unit::End end) {
            when_awake([done, end] { done(end); });
        };
    }
    writer_->submit(std::move(unit));
}

void Process::later(Microseconds delay, std::function<void()> deed) {
    parts_.agenda.after(delay, [this, life = weak_from_this(), deed = std::move(deed)] {
        if (!life.expired()) when_awake(deed);
    });
}

void Process::look_soon() {
    later(random_.within({milliseconds{1}, seconds{1}}), [this] {
        armed_for_.reset();
        poll();
    });
}

// ---------------------------------------------------------------- what comes from outside

void Process::put(const dispatch::Endpoint& endpoint) {
    EndpointPointer& known = endpoints_[endpoint.id];
    if (known != nullptr && known->revision > endpoint.revision) return;
    known = std::make_shared<const dispatch::Endpoint>(endpoint);
    parts_.trace.note(
        parts_.agenda.now(), "put", {endpoint.id.value, endpoint.revision}, endpoint.disabled_reason
    );
    parts_.checker.disturbed(endpoint.id, parts_.agenda.now() + seconds{10});
    engine_.put_endpoint(known, std::nullopt, {.fresh = TimePoint{}, .retry = TimePoint{}});
    poll_soon();
}

void Process::remove(EndpointId endpoint) {
    endpoints_.erase(endpoint);
    engine_.remove_endpoint(endpoint);
    poll_soon();
}

void Process::take(const std::vector<Scheduled>& made, const EventPointer& event) {
    // Most events come through ingest, which still has them in memory; some only as a hint.
    const bool as_hint = random_.one_in(8);
    for (const auto& [row, order] : made) {
        if (row.queue != storage::DeliveryQueue::fresh) continue;
        if (as_hint) {
            engine_.nudge({.endpoint = row.endpoint, .queue = *row.queue, .due_at = row.due_at});
            continue;
        }
        dispatch::DueItem item = dispatch::due_item_of(row);
        item.content = event;
        engine_.offer(std::move(item));
    }
    poll_soon();
}

void Process::nudge(const dispatch::Nudge& nudge) {
    engine_.nudge(nudge);
    poll_soon();
}

void Process::audit() {
    std::vector<const dispatch::Endpoint*> known;
    for (const auto& [id, endpoint] : endpoints_) known.push_back(endpoint.get());
    parts_.checker.audit(clock_.now(), known);
}

// ---------------------------------------------------------------- turning the engine

void Process::poll_soon() {
    if (std::exchange(poll_planned_, true)) return;
    later(Microseconds{0}, [this] {
        poll_planned_ = false;
        poll();
    });
}

void Process::poll() {
    const TimePoint now = clock_.now();
    actions_.clear();
    stand();
    engine_.poll(now, actions_);
    const bool idle = actions_.empty();
    for (const dispatch::EngineAction& action : actions_) {
        std::visit([this](const auto& order) { act(order); }, action);
    }
    parts_.checker.polled(engine_.status(now));
    if (idle) check_for_spinning(now);
    arm(now);
}

// A wake-up at once, with nothing done before it and nothing due, would burn a core.
void Process::check_for_spinning(TimePoint now) {
    const auto wake = engine_.next_wake();
    if (wake && *wake <= now) throw Violation{"the engine wants to be woken at once, for nothing"};
}

void Process::arm(TimePoint now) {
    const auto wake = engine_.next_wake();
    if (!wake || (armed_for_ && *armed_for_ <= *wake)) return;
    armed_for_ = wake;
    const std::int64_t alarm = ++alarm_;
    later(std::max(*wake - now, Microseconds{0}), [this, alarm] {
        if (alarm != alarm_) return;
        armed_for_.reset();
        poll();
    });
}

// ---------------------------------------------------------------- attempts

bool Process::read_fails() {
    std::int64_t fails_in = parts_.trouble.faults.load_fails_in;
    if (parts_.agenda.now() < parts_.trouble.failing_until) fails_in = 2;
    return fails_in != 0 && random_.one_in(fails_in);
}

Microseconds Process::read_delay() {
    return random_.within({std::chrono::microseconds{50}, parts_.trouble.faults.load_delay_max});
}

void Process::act(const StartAttempt& start) {
    const dispatch::DueItem& item = start.item;
    const auto known = endpoints_.find(item.endpoint);
    parts_.trace.note(
        parts_.agenda.now(),
        "start",
        {item.delivery.value, item.endpoint.value, item.fence, item.progress.attempts}
    );
    parts_.checker.started(
        start,
        {.now = clock_.now(), .endpoint = known == endpoints_.end() ? nullptr : known->second.get()}
    );
    const bool latest_only = start.endpoint->settings.deliver == dispatch::Deliver::latest
                             && item.order_key != 0 && item.progress.round_attempts > 0;
    if (item.content != nullptr && !latest_only) return go_on(start, item.content);
    later(read_delay(), [this, start] { read_event(start); });
}

void Process::read_event(const StartAttempt& start) {
    const DeliveryId delivery = start.item.delivery;
    if (!read_fails()) return go_on(start, parts_.store.event(start.item.event));
    if (start.item.content != nullptr) return go_on(start, start.item.content);
    parts_.seen.saw(Situation::load_failed);
    not_made(delivery);
}

void Process::not_made(DeliveryId delivery) {
    parts_.trace.note(parts_.agenda.now(), "not made", {delivery.value});
    parts_.checker.not_made(delivery);
    engine_.attempt_not_made(delivery, clock_.now());
    poll_soon();
}

std::optional<SkipReason>
Process::reason_to_skip(const StartAttempt& start, const EventPointer& content) const {
    if (content == nullptr) return SkipReason::event_gone;
    const bool latest_only = start.endpoint->settings.deliver == dispatch::Deliver::latest
                             && start.item.progress.round_attempts > 0;
    if (latest_only && parts_.store.has_newer_delivered(parts_.store.row(start.item.delivery))) {
        return SkipReason::superseded;
    }
    if (!dispatch::is_subscribed(start.endpoint->settings, *content)) {
        return SkipReason::unsubscribed;
    }
    return std::nullopt;
}

void Process::go_on(const StartAttempt& start, const EventPointer& content) {
    const DeliveryId delivery = start.item.delivery;
    if (content != nullptr) engine_.learned_event_type(delivery, content->type);
    const auto reason = reason_to_skip(start, content);
    if (!reason && !may_send(delivery)) return not_made(delivery);
    if (!reason) return send(start, content);
    parts_.trace.note(parts_.agenda.now(), "skip", {delivery.value}, dispatch::to_text(*reason));
    parts_.checker.skipped(delivery);
    engine_.attempt_skipped(delivery, *reason, clock_.now());
    poll_soon();
}

void Process::send(const StartAttempt& start, const EventPointer& content) {
    const DeliveryId delivery = start.item.delivery;
    parts_.checker.sent(start, *content);
    const TimePoint began = clock_.now();
    CallOutcome outcome = parts_.network.call(
        {.endpoint = start.item.endpoint,
         .at = parts_.agenda.now(),
         .now = began,
         .timeout = start.endpoint->settings.timeout}
    );
    outcome.result.started_at = began;
    if (outcome.reaches == CallOutcome::Reaches::endpoint) {
        // What is on its way arrives, whatever becomes of the sender.
        Parts& parts = parts_;
        parts.agenda.after(
            outcome.arrives_after,
            [&checker = parts.checker,
             &trace = parts.trace,
             &agenda = parts.agenda,
             delivery,
             outcome] {
                trace.note(agenda.now(), "arrive", {delivery.value, outcome.result.status});
                checker.arrived(delivery, outcome);
            }
        );
    }
    later(outcome.answered_after, [this, delivery, result = std::move(outcome.result)] {
        parts_.trace.note(
            parts_.agenda.now(),
            "end",
            {delivery.value, result.status},
            storage::to_text(result.error)
        );
        parts_.checker.ended(delivery, result, clock_.now());
        engine_.attempt_ended(delivery, result, clock_.now());
        poll_soon();
    });
}

// ---------------------------------------------------------------- reading what is due

void Process::act(const LoadDue& load) {
    later(read_delay(), [this, query = load.query] { answer_due(query); });
}

// The answer is as old as it is when it comes: much may have been written meanwhile.
void Process::answer_due(const storage::DueQuery& query) {
    if (read_fails()) {
        later(read_delay(), [this, query] {
            parts_.seen.saw(Situation::load_failed);
            engine_.load_failed(query, clock_.now());
            poll_soon();
        });
        return;
    }
    later(read_delay(), [this, query, rows = parts_.store.load_due(query)] {
        parts_.trace.note(
            parts_.agenda.now(),
            "loaded",
            {query.endpoint.value, static_cast<std::int64_t>(rows.rows.size())}
        );
        parts_.checker.loaded(rows);
        engine_.loaded(query, rows);
        poll_soon();
    });
}

// ---------------------------------------------------------------- writing ends down

struct Process::Writing {
    RecordEnd order;
    storage::DeliveryRow before;
    std::optional<dispatch::Recorded> recorded;
    std::optional<dispatch::Endpoint> disabled;
};

void Process::act(const RecordEnd& order) {
    parts_.checker.decided(order);
    auto writing = std::make_shared<Writing>();
    writing->order = order;
    submit(
        {.run = [this, writing] { return write(*writing); },
         .committed =
             [this, writing] {
                 parts_.trace.note(
                     parts_.agenda.now(),
                     "record",
                     {writing->before.id.value, writing->recorded->row.fence},
                     storage::to_text(writing->recorded->row.state)
                 );
                 parts_.checker.recorded(writing->order, writing->before, *writing->recorded);
             },
         .done =
             [this, writing](Unit::End end) {
                 written(*writing, end);
             }}
    );
}

Result<void, StoreError> Process::write(Writing& writing) {
    FakeStore& store = parts_.store;
    writing.recorded.reset();
    writing.disabled.reset();
    writing.before = store.row(writing.order.finished.delivery);
    auto recorded = dispatch::record_finished(store, writing.order.finished);
    if (!recorded) return recorded.error();
    writing.recorded = std::move(*recorded);
    if (writing.order.health) store.put_health(*writing.order.health);
    if (writing.order.disable_reason.empty()) return {};
    dispatch::Endpoint endpoint = store.endpoint(writing.order.endpoint);
    if (endpoint.status == storage::EndpointStatus::disabled) return {};
    endpoint.status = storage::EndpointStatus::disabled;
    endpoint.disabled_reason = writing.order.disable_reason;
    endpoint.revision += 1;
    store.put_endpoint(endpoint);
    writing.disabled = std::move(endpoint);
    return {};
}

void Process::written(Writing& writing, Unit::End end) {
    const DeliveryId delivery = writing.order.finished.delivery;
    if (end == Unit::End::failed) {
        parts_.seen.saw(Situation::record_failed);
        engine_.record_failed(delivery, clock_.now());
        poll_soon();
        return;
    }
    parts_.checker.settled(delivery);
    engine_.recorded(delivery, *writing.recorded);
    if (writing.disabled) put(*writing.disabled);
    if (writing.disabled && parts_.lanes != nullptr) parts_.lanes->changed(*writing.disabled);
    poll_soon();
}

}  // namespace postern::scenario
