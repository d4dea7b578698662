#include "tests/scenario/world.hpp"

#include <algorithm>
#include <utility>

namespace postern::scenario {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using storage::DeliveryRow;
using storage::DeliveryState;
using storage::EndpointStatus;
using storage::StoreError;

namespace {

constexpr Microseconds kProviderRetry = seconds{30};
constexpr Microseconds kClientRetry = seconds{1};
constexpr Microseconds kAuditPause = minutes{2};
constexpr Microseconds kAuditPauseWhileWaiting = seconds{10};
constexpr std::size_t kCanceledAtOnce = 3;
constexpr std::string_view kDeleted = "deleted";

}  // namespace

World::World(const Plan& plan, Trace::Printing printing)
    : plan_{plan},
      random_{plan.seed ^ 0x5EEDU},
      trace_{printing},
      network_{random_.fork()},
      trouble_{.faults = plan.faults},
      checker_{{agenda_, store_, network_, plan, seen_}} {}

RunResult World::run() {
    store_.begin();
    for (const PlannedEndpoint& planned : plan_.endpoints) {
        store_.put_endpoint(planned.endpoint);
        network_.put(planned.endpoint.id, planned.phases);
    }
    store_.commit();
    for (const Deed& deed : plan_.deeds) {
        agenda_.at(deed.at, [this, &deed] { do_deed(deed); });
    }
    RunResult result;
    try {
        start_process();
        audit_from_now_on();
        agenda_.run_until(plan_.ends_at);
        if (checker_.was_set_back()) agenda_.run_until(plan_.ends_at + kHealedHours);
        checker_.finish(process_->now());
    } catch (const Violation& violation) {
        trace_.note(agenda_.now(), "violation", {}, violation.what);
        result.violation = violation;
    }
    process_.reset();
    result.trace_hash = trace_.hash();
    result.seen = seen_;
    result.events = static_cast<std::int64_t>(accepted_.size());
    result.attempts = checker_.starts();
    return result;
}

void World::do_deed(const Deed& deed) {
    const EndpointId endpoint{static_cast<std::int64_t>(deed.index) + 1};
    switch (deed.kind) {
        case DeedKind::event_arrives: return event_arrives(deed.index);
        case DeedKind::event_forgotten: return store_.forget_event(plan_.events[deed.index]->id);
        case DeedKind::endpoint_disabled: return change_endpoint(endpoint, Change::disable);
        case DeedKind::endpoint_enabled: return change_endpoint(endpoint, Change::enable);
        case DeedKind::endpoint_deleted: return change_endpoint(endpoint, Change::remove);
        case DeedKind::endpoint_edited: return change_endpoint(endpoint, Change::edit);
        case DeedKind::process_killed:
        case DeedKind::process_stopped: return end_process(deed);
        case DeedKind::clock_set:
            trace_.note(agenda_.now(), "clock", {deed.shift.count()});
            wall_.set(deed.shift);
            checker_.clock_was_set(deed.shift);
            if (process_) process_->look_soon();
            return;
        case DeedKind::store_stalls:
            trouble_.stalled_until = agenda_.now() + deed.span;
            return checker_.disturbed(trouble_.stalled_until + minutes{1});
        case DeedKind::store_fails:
            trouble_.failing_until = agenda_.now() + deed.span;
            return checker_.disturbed(trouble_.failing_until + minutes{2});
        case DeedKind::delivery_retried: return retry(choose_delivery(), Wisher::person);
        case DeedKind::delivery_canceled: return cancel(choose_delivery(), "by hand");
        case DeedKind::healed: return heal();
    }
}

// ---------------------------------------------------------------- the process

std::vector<EndpointId> World::existing() const {
    std::vector<EndpointId> ids;
    for (const PlannedEndpoint& planned : plan_.endpoints) {
        const EndpointId id = planned.endpoint.id;
        if (store_.endpoint(id).disabled_reason != kDeleted) ids.push_back(id);
    }
    return ids;
}

void World::start_process() {
    if (process_) return;
    trace_.note(agenda_.now(), "process begins");
    checker_.process_began();
    process_ = std::make_shared<Process>(
        Process::Parts{agenda_, store_, network_, checker_, trace_, seen_, plan_, wall_, trouble_},
        random_.fork()
    );
    process_->begin(existing());
    for (const EndpointId id : deleted_) cancel_of_deleted(id);
}

void World::end_process(const Deed& deed) {
    if (!process_) return;
    const bool orderly = deed.kind == DeedKind::process_stopped;
    if (orderly) process_->stop();
    const auto patience = orderly ? random_.within({{}, seconds{3}}) : Microseconds{0};
    agenda_.after(patience, [this, orderly, span = deed.span] {
        if (!process_) return;
        trace_.note(agenda_.now(), "process ends", {checker_.in_flight()});
        if (checker_.in_flight() > 0) {
            seen_.saw(orderly ? Situation::stopped_in_flight : Situation::crash_in_flight);
        }
        process_.reset();
        checker_.process_ended();
        agenda_.after(span, [this] { start_process(); });
    });
}

void World::with_process(std::function<void()> deed) {
    if (process_) return deed();
    agenda_.after(kClientRetry, [this, deed = std::move(deed)] { with_process(deed); });
}

void World::audit_from_now_on() {
    if (process_) process_->audit();
    const Microseconds pause = checker_.is_waiting() ? kAuditPauseWhileWaiting : kAuditPause;
    agenda_.after(pause, [this] { audit_from_now_on(); });
}

// ---------------------------------------------------------------- events

struct World::Ingest {
    std::size_t index = 0;
    enum class Kind : std::uint8_t { first, duplicate } kind = Kind::first;
    FakeStore::EventPointer event;
    Process::Endpoints endpoints;  // as the directory had them
    std::vector<Scheduled> scheduled;
};

// The provider tries until it has a 2xx, which it gets after the commit only.
void World::event_arrives(std::size_t index) {
    const auto again = [this, index] {
        event_arrives(index);
    };
    if (!process_) return agenda_.after(kProviderRetry, again);
    auto made = std::make_shared<Ingest>();
    made->index = index;
    made->event = plan_.events[index];
    // When the process dies, the provider hears nothing and comes again.
    const auto answered = std::make_shared<bool>(false);
    agenda_.after(kProviderRetry, [answered, again] {
        if (!*answered) again();
    });
    made->endpoints = process_->endpoints();
    process_->submit(
        {.run = [this, made] { return ingest(*made); },
         .committed =
             [this, made] {
                 accepted_.insert(made->event->id);
                 for (const Scheduled& each : made->scheduled) checker_.scheduled(each);
             },
         .done =
             [this, made, answered](Unit::End end) {
                 *answered = true;
                 ingested(*made, end);
             }}
    );
}

Result<void, StoreError> World::ingest(Ingest& made) {
    made.scheduled.clear();
    const bool is_known = accepted_.contains(made.event->id);
    made.kind = is_known ? Ingest::Kind::duplicate : Ingest::Kind::first;
    if (is_known) return {};
    store_.put_event(made.event);
    auto scheduled = schedule_event(store_, *made.event, made.endpoints);
    if (!scheduled) return scheduled.error();
    made.scheduled = std::move(*scheduled);
    return {};
}

void World::ingested(const Ingest& made, Unit::End end) {
    if (end == Unit::End::failed) {
        seen_.saw(Situation::ingest_failed);
        agenda_.after(kProviderRetry, [this, index = made.index] { event_arrives(index); });
        return;
    }
    if (made.kind == Ingest::Kind::duplicate) return;
    trace_.note(
        agenda_.now(),
        "event",
        {made.event->id.value, static_cast<std::int64_t>(made.scheduled.size())},
        made.event->type
    );
    process_->take(made.scheduled, made.event);
}

// ---------------------------------------------------------------- people

std::optional<dispatch::Endpoint> World::changed(EndpointId id, Change change) {
    dispatch::Endpoint endpoint = store_.endpoint(id);
    if (endpoint.disabled_reason == kDeleted) return std::nullopt;
    dispatch::EndpointSettings& settings = endpoint.settings;
    switch (change) {
        case Change::disable:
            endpoint.status = EndpointStatus::disabled;
            endpoint.disabled_reason = "manual";
            break;
        case Change::enable:
            endpoint.status = EndpointStatus::enabled;
            endpoint.disabled_reason.clear();
            break;
        case Change::remove:
            endpoint.status = EndpointStatus::disabled;
            endpoint.disabled_reason = kDeleted;
            break;
        case Change::edit:
            settings.in_flight_max = 1 + random_.below(8);
            settings.rate_per_second = random_.one_in(2) ? 0 : 1 + random_.below(5);
            settings.event_types = {random_.one_in(2) ? "*" : "payment.*"};
            break;
    }
    endpoint.revision += 1;
    return endpoint;
}

void World::change_endpoint(EndpointId id, Change change) {
    if (!process_) return with_process([this, id, change] { change_endpoint(id, change); });
    auto made = std::make_shared<std::optional<dispatch::Endpoint>>();
    process_->submit(
        {.run = [this, id, change, made]() -> Result<void, StoreError> {
             *made = changed(id, change);
             if (*made) store_.put_endpoint(**made);
             return {};
         },
         .committed =
             [this, id, change, made] {
                 if (*made && change == Change::remove) deleted_.push_back(id);
             },
         .done =
             [this, id, change, made](Unit::End end) {
                 if (end == Unit::End::failed) {
                     agenda_.after(kClientRetry, [this, id, change] {
                         change_endpoint(id, change);
                     });
                 } else if (*made) {
                     endpoint_changed(**made, change);
                 }
             },
         .answer = Unit::Answer::round_about}
    );
}

void World::endpoint_changed(const dispatch::Endpoint& endpoint, Change change) {
    if (checker_.in_flight_of(endpoint.id) > 0) {
        if (change == Change::disable) seen_.saw(Situation::disabled_in_flight);
        if (change == Change::remove) seen_.saw(Situation::deleted_in_flight);
        if (change == Change::edit) seen_.saw(Situation::edited_in_flight);
    }
    if (change != Change::remove) return process_->put(endpoint);
    trace_.note(agenda_.now(), "remove", {endpoint.id.value});
    process_->remove(endpoint.id);
    cancel_of_deleted(endpoint.id);
}

// The job that cancels what still waits for an endpoint that is no more; resumed at each start.
void World::cancel_of_deleted(EndpointId id) {
    const std::vector<DeliveryId> open = store_.open_of(id, kCanceledAtOnce);
    for (const DeliveryId delivery : open) cancel(delivery, kDeleted);
    if (open.empty()) return;
    agenda_.after(kClientRetry, [this, id, life = std::weak_ptr{process_}] {
        if (!life.expired()) cancel_of_deleted(id);
    });
}

// One that is under way, when there is one: that is where the races are.
DeliveryId World::choose_delivery() {
    const auto count = static_cast<std::int64_t>(store_.rows().size());
    if (count == 0) return {};
    const std::int64_t first = random_.below(count);
    const bool ended = random_.one_in(2);
    for (std::int64_t i = 0; i < count; ++i) {
        const DeliveryId id{(first + i) % count + 1};
        if (ended ? checker_.is_unsettled(id) : checker_.is_in_flight(id)) return id;
    }
    return DeliveryId{first + 1};
}

struct World::ByHand {
    DeliveryId id;
    std::int64_t fence = 0;  // since the change
    bool done = false;
    std::vector<dispatch::Nudge> nudges;
};

Result<void, StoreError> World::open_again(ByHand& wish, Wisher wisher) {
    wish.done = false;
    wish.nudges.clear();
    const DeliveryRow before = store_.row(wish.id);
    const dispatch::Endpoint& endpoint = store_.endpoint(before.endpoint);
    if (endpoint.status == EndpointStatus::disabled) return {};
    const bool ordered = endpoint.settings.ordering == dispatch::Ordering::payment;
    using Order = dispatch::NewDelivery::Order;
    const auto opened =
        wisher == Wisher::person
            ? dispatch::retry_delivery(store_, wish.id, storage::AttemptTrigger::manual)
            : dispatch::reopen_in_line(store_, wish.id, ordered ? Order::kept : Order::any);
    if (!opened) return opened.error();
    wish.done = store_.row(wish.id).fence != before.fence;
    if (*opened) wish.nudges = {**opened};
    return {};
}

void World::retry(DeliveryId id, Wisher wisher) {
    if (id.value == 0) return;
    if (!process_) return with_process([this, id, wisher] { retry(id, wisher); });
    auto wish = std::make_shared<ByHand>(ByHand{.id = id});
    process_->submit(
        {.run = [this, wish, wisher] { return open_again(*wish, wisher); },
         .committed =
             [this, wish] {
                 wish->fence = store_.row(wish->id).fence;
                 if (wish->done) checker_.retried_by_hand(wish->id);
             },
         .done =
             [this, wish](Unit::End end) {
                 changed_by_hand(*wish, end);
             }}
    );
}

void World::cancel(DeliveryId id, std::string_view reason) {
    if (id.value == 0 || !process_) return;
    auto wish = std::make_shared<ByHand>(ByHand{.id = id});
    process_->submit(
        {.run = [this, wish, reason]() -> Result<void, StoreError> {
             const auto canceled = dispatch::cancel_delivery(store_, wish->id, reason);
             if (!canceled) return canceled.error();
             wish->done = canceled->kind == dispatch::Canceled::Kind::canceled;
             wish->nudges.clear();
             if (canceled->withdrawn) wish->nudges.push_back(*canceled->withdrawn);
             if (canceled->successor) wish->nudges.push_back(*canceled->successor);
             return {};
         },
         .committed =
             [this, wish] {
                 wish->fence = store_.row(wish->id).fence;
                 if (wish->done) checker_.canceled_by_hand(wish->id);
             },
         .done =
             [this, wish](Unit::End end) {
                 changed_by_hand(*wish, end);
             }}
    );
}

void World::changed_by_hand(const ByHand& wish, Unit::End end) {
    if (end == Unit::End::failed || !wish.done) return;
    trace_.note(agenda_.now(), "changed by hand", {wish.id.value, wish.fence});
    checker_.withdrawn(wish.id, wish.fence);
    for (const dispatch::Nudge& nudge : wish.nudges) process_->nudge(nudge);
}

// From here on everything works, and somebody cleans up.
void World::heal() {
    if (!process_) return with_process([this] { heal(); });
    trace_.note(agenda_.now(), "healed");
    trouble_.faults.unit_fails_in = 0;
    trouble_.faults.load_fails_in = 0;
    for (const EndpointId id : existing()) {
        if (store_.endpoint(id).status == EndpointStatus::disabled) {
            change_endpoint(id, Change::enable);
        }
    }
    std::size_t recovered = 0;
    for (const DeliveryRow& row : store_.rows()) {
        const bool missed =
            row.state == DeliveryState::dead
            || (row.state == DeliveryState::skipped && row.reason == "endpoint_disabled");
        const bool chosen = missed && recovered < 20 && random_.one_in(2);
        if (!chosen) continue;
        ++recovered;
        agenda_.after(minutes{1}, [this, id = row.id] { retry(id, Wisher::job); });
    }
}

}  // namespace postern::scenario
