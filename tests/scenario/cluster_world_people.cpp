#include "tests/scenario/cluster_world.hpp"

#include <algorithm>
#include <utility>

// Those who send events, and people with wishes: each asks one node, which tells the others.
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
constexpr Span kNewsDelay{milliseconds{5}, milliseconds{1'500}};
constexpr std::size_t kRecoveredMax = 20;

}  // namespace

// ---------------------------------------------------------------- events

struct ClusterWorld::Ingest {
    FakeStore::EventPointer event;
    Process::Endpoints endpoints;  // as the node's directory had them
    std::vector<Scheduled> scheduled;
    bool is_first = false;
};

// The provider tries until it has a 2xx, of whichever node.
void ClusterWorld::event_arrives(std::size_t index) {
    const auto again = [this, index] {
        event_arrives(index);
    };
    const auto answered = std::make_shared<bool>(false);
    agenda_.after(kProviderRetry, [answered, again] {
        if (!*answered) again();
    });
    Machine* machine = any_machine();
    if (machine == nullptr) return;
    auto made = std::make_shared<Ingest>();
    made->event = plan_.base.events[index];
    made->endpoints = machine->process->endpoints();
    const NodeId node = machine->lanes->id();
    machine->process->submit(
        {.run = [this, made] { return ingest(*made); },
         .committed =
             [this, made] {
                 accepted_.insert(made->event->id);
                 for (const Scheduled& each : made->scheduled) checker_.scheduled(each);
             },
         .done =
             [this, made, answered, node, process = std::weak_ptr{machine->process}](Unit::End end
             ) {
                 if (end == Unit::End::failed) return;
                 *answered = true;
                 const auto alive = process.lock();
                 if (!made->is_first || alive == nullptr) return;
                 for (const Scheduled& each : made->scheduled) {
                     const bool is_fresh = each.row.queue == storage::DeliveryQueue::fresh;
                     if (is_fresh) checker_.offered(node, each.row.id);
                 }
                 alive->take(made->scheduled, made->event);
             }}
    );
}

Result<void, StoreError> ClusterWorld::ingest(Ingest& made) {
    made.scheduled.clear();
    made.is_first = !accepted_.contains(made.event->id);
    if (!made.is_first) return {};
    store_.put_event(made.event);
    auto scheduled = schedule_event(store_, *made.event, made.endpoints);
    if (!scheduled) return scheduled.error();
    made.scheduled = std::move(*scheduled);
    return {};
}

// ---------------------------------------------------------------- endpoints

dispatch::Endpoint ClusterWorld::changed(EndpointId id, Change change) {
    dispatch::Endpoint endpoint = store_.endpoint(id);
    dispatch::EndpointSettings& settings = endpoint.settings;
    switch (change) {
        case Change::disable:
            endpoint.status = EndpointStatus::disabled;
            endpoint.disabled_reason = "manual";
            break;
        case Change::enable:
            endpoint.status = EndpointStatus::enabled;
            endpoint.disabled_reason.clear();
            store_.put_health({.endpoint = id});
            break;
        case Change::edit:
            settings.in_flight_max = 1 + random_.below(8);
            settings.rate_per_second = random_.one_in(2) ? 0 : 1 + random_.below(5);
            settings.event_types = {random_.one_in(2) ? "*" : "payment.*"};
            break;
    }
    endpoint.revision += 1;
    store_.put_endpoint(endpoint);
    return endpoint;
}

void ClusterWorld::change_endpoint(EndpointId id, Change change) {
    with_machine([this, id, change](Machine& machine) {
        auto made = std::make_shared<dispatch::Endpoint>();
        machine.process->submit(
            {.run = [this, id, change, made]() -> Result<void, StoreError> {
                 *made = changed(id, change);
                 return {};
             },
             .committed =
                 [this, id, change] {
                     if (change == Change::enable) checker_.health_forgiven(id);
                 },
             .done =
                 [this, id, change, made, process = std::weak_ptr{machine.process}](Unit::End end) {
                     if (end == Unit::End::failed) {
                         return agenda_.after(kClientRetry, [this, id, change] {
                             change_endpoint(id, change);
                         });
                     }
                     if (const auto alive = process.lock()) alive->put(*made);
                     publish(*made);
                 },
             .answer = Unit::Answer::round_about}
        );
    });
}

void ClusterWorld::publish(const dispatch::Endpoint& endpoint) {
    for (Machine& machine : machines_) {
        agenda_.after(
            random_.within(kNewsDelay),
            [endpoint, process = std::weak_ptr{machine.process}] {
                const auto alive = process.lock();
                if (alive == nullptr) return;
                alive->when_awake([endpoint, process] {
                    if (const auto awake = process.lock()) awake->put(endpoint);
                });
            }
        );
    }
}

// ---------------------------------------------------------------- deliveries

struct ClusterWorld::ByHand {
    DeliveryId id;
    bool done = false;
    std::vector<dispatch::Nudge> nudges;
};

DeliveryId ClusterWorld::choose_delivery() {
    const auto count = static_cast<std::int64_t>(store_.rows().size());
    if (count == 0) return {};
    const std::int64_t first = random_.below(count);
    for (std::int64_t i = 0; i < count; ++i) {
        const DeliveryId id{(first + i) % count + 1};
        if (checker_.is_in_flight(id)) return id;
    }
    return DeliveryId{first + 1};
}

void ClusterWorld::change_by_hand(
    DeliveryId id,
    std::function<Result<void, StoreError>(ByHand&)> run,
    std::function<void()> committed
) {
    if (id.value == 0) return;
    with_machine([this, id, run = std::move(run), committed = std::move(committed)](Machine& machine
                 ) {
        auto wish = std::make_shared<ByHand>(ByHand{.id = id});
        machine.process->submit(
            {.run = [wish, run]() -> Result<void, StoreError> {
                 wish->done = false;
                 wish->nudges.clear();
                 return run(*wish);
             },
             .committed =
                 [wish, committed] {
                     if (wish->done) committed();
                 },
             .done =
                 [this, wish, process = std::weak_ptr{machine.process}](Unit::End end) {
                     const auto alive = process.lock();
                     if (end == Unit::End::failed || !wish->done || alive == nullptr) return;
                     trace_.note(agenda_.now(), "changed by hand", {wish->id.value});
                     for (const dispatch::Nudge& nudge : wish->nudges) alive->nudge(nudge);
                 }}
        );
    });
}

void ClusterWorld::retry(DeliveryId id) {
    change_by_hand(
        id,
        [this](ByHand& wish) -> Result<void, StoreError> {
            const DeliveryRow before = store_.row(wish.id);
            const bool works = store_.endpoint(before.endpoint).status == EndpointStatus::enabled;
            if (!works) return {};
            const auto opened =
                dispatch::retry_delivery(store_, wish.id, storage::AttemptTrigger::manual);
            if (!opened) return opened.error();
            wish.done = store_.row(wish.id).fence != before.fence;
            if (*opened) wish.nudges = {**opened};
            return {};
        },
        [this, id] { checker_.retried_by_hand(id); }
    );
}

void ClusterWorld::cancel(DeliveryId id) {
    change_by_hand(
        id,
        [this](ByHand& wish) -> Result<void, StoreError> {
            const auto canceled = dispatch::cancel_delivery(store_, wish.id, "by hand");
            if (!canceled) return canceled.error();
            wish.done = canceled->kind == dispatch::Canceled::Kind::canceled;
            if (canceled->withdrawn) wish.nudges.push_back(*canceled->withdrawn);
            if (canceled->successor) wish.nudges.push_back(*canceled->successor);
            return {};
        },
        [this, id] { checker_.canceled_by_hand(id); }
    );
}

// From here on everything works, and somebody cleans up.
void ClusterWorld::heal() {
    trace_.note(agenda_.now(), "healed");
    registry_.heal();
    for (Machine& machine : machines_) {
        machine.trouble.faults.unit_fails_in = 0;
        machine.trouble.faults.load_fails_in = 0;
    }
    for (const EndpointId id : endpoints_) {
        if (store_.endpoint(id).status == EndpointStatus::disabled) {
            change_endpoint(id, Change::enable);
        }
    }
    std::size_t recovered = 0;
    for (const DeliveryRow& row : store_.rows()) {
        const bool chosen =
            row.state == DeliveryState::dead && recovered < kRecoveredMax && random_.one_in(2);
        if (!chosen) continue;
        ++recovered;
        agenda_.after(minutes{1}, [this, id = row.id] { retry(id); });
    }
}

}  // namespace postern::scenario
