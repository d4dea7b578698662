#include "tests/scenario/cluster_world.hpp"

#include <algorithm>
#include <utility>

namespace postern::scenario {

using std::chrono::minutes;
using std::chrono::seconds;
using Seen = ClusterSituation;

namespace {

constexpr Microseconds kClientRetry = seconds{1};
constexpr Microseconds kAuditPause = seconds{20};
constexpr Microseconds kReconcilePause = seconds{30};
constexpr Microseconds kOutOfOrder = minutes{2};

}  // namespace

ClusterWorld::ClusterWorld(const ClusterPlan& plan, Trace::Printing printing)
    : plan_{plan},
      random_{plan.base.seed ^ 0xC10DU},
      trace_{printing},
      network_{random_.fork()},
      checker_{{agenda_, store_, network_, plan.base, wall_, seen_}},
      registry_{
          {agenda_,
           store_,
           wall_,
           trace_,
           seen_,
           [this](NodeId node, EndpointId lane) {
               checker_.lost(node, lane);
           }},
          random_.fork()},
      machines_(plan.nodes) {
    checker_.watch(registry_);
    for (Machine& machine : machines_) machine.trouble.faults = plan.base.faults;
}

ClusterWorld::~ClusterWorld() = default;

ClusterResult ClusterWorld::run() {
    store_.begin();
    for (const PlannedEndpoint& planned : plan_.base.endpoints) {
        store_.put_endpoint(planned.endpoint);
        network_.put(planned.endpoint.id, planned.phases);
        endpoints_.push_back(planned.endpoint.id);
    }
    store_.commit();
    for (const Deed& deed : plan_.base.deeds) {
        agenda_.at(deed.at, [this, &deed] { do_deed(deed); });
    }
    for (const NodeDeed& deed : plan_.deeds) {
        agenda_.at(deed.at, [this, &deed] { do_deed(deed); });
    }
    ClusterResult result;
    try {
        for (Machine& machine : machines_) start(machine);
        reconcile_from_now_on();
        audit_from_now_on();
        agenda_.run_until(plan_.base.ends_at);
        checker_.finish();
    } catch (const Violation& violation) {
        trace_.note(agenda_.now(), "violation", {}, violation.what);
        result.violation = violation;
    }
    machines_.clear();
    result.trace_hash = trace_.hash();
    result.seen = seen_;
    result.events = static_cast<std::int64_t>(accepted_.size());
    result.attempts = checker_.starts();
    return result;
}

void ClusterWorld::do_deed(const Deed& deed) {
    const EndpointId endpoint{static_cast<std::int64_t>(deed.index) + 1};
    switch (deed.kind) {
        case DeedKind::event_arrives: return event_arrives(deed.index);
        case DeedKind::event_forgotten:
            return store_.forget_event(plan_.base.events[deed.index]->id);
        case DeedKind::endpoint_disabled: return change_endpoint(endpoint, Change::disable);
        case DeedKind::endpoint_enabled: return change_endpoint(endpoint, Change::enable);
        case DeedKind::endpoint_edited: return change_endpoint(endpoint, Change::edit);
        case DeedKind::store_fails:
            for (Machine& machine : machines_) {
                machine.trouble.failing_until = agenda_.now() + deed.span;
            }
            return checker_.disturbed(agenda_.now() + deed.span + kOutOfOrder);
        case DeedKind::delivery_retried: return retry(choose_delivery());
        case DeedKind::delivery_canceled: return cancel(choose_delivery());
        case DeedKind::healed: return heal();
        case DeedKind::endpoint_deleted:
        case DeedKind::process_killed:
        case DeedKind::process_stopped:
        case DeedKind::clock_set:
        case DeedKind::store_stalls: return;
    }
}

void ClusterWorld::do_deed(const NodeDeed& deed) {
    Machine& machine = machines_[deed.node];
    checker_.disturbed(agenda_.now() + deed.span + kOutOfOrder);
    switch (deed.kind) {
        case NodeDeedKind::killed:
        case NodeDeedKind::stopped: return end(machine, deed);
        case NodeDeedKind::cut: return cut(machine, deed);
        case NodeDeedKind::queue_flushed: return registry_.flush();
        case NodeDeedKind::queue_down: return registry_.break_queue(agenda_.now() + deed.span);
        case NodeDeedKind::frozen: break;
    }
    if (!machine.process) return;
    trace_.note(agenda_.now(), "frozen", {machine.lanes->id().value, deed.span.count()});
    checker_.node_froze(machine.lanes->id());
    checker_.members_changed();
    machine.process->freeze_until(agenda_.now() + deed.span);
    if (deed.span > kLease + kHeartbeat) seen_.saw(Seen::lapsed_while_frozen);
}

// ---------------------------------------------------------------- nodes

void ClusterWorld::start(Machine& machine) {
    if (machine.process) return;
    machine.is_leaving = false;
    machine.lanes = std::make_shared<NodeLanes>(NodeLanes::Parts{
        agenda_, registry_, checker_, seen_, [this](const dispatch::Endpoint& endpoint) {
            publish(endpoint);
        }});
    ids_.push_back(std::make_unique<NodeId>());
    witnesses_.push_back(std::make_unique<NodeWitness>(checker_, *ids_.back()));
    machine.process = std::make_shared<Process>(
        Process::Parts{
            agenda_,
            store_,
            network_,
            *witnesses_.back(),
            trace_,
            of_processes_,
            plan_.base,
            wall_,
            machine.trouble,
            machine.lanes.get()},
        random_.fork()
    );
    machine.lanes->begin(machine.process);
    *ids_.back() = machine.lanes->id();
    trace_.note(agenda_.now(), "node begins", {machine.lanes->id().value});
    checker_.members_changed();
    checker_.disturbed(agenda_.now() + kOutOfOrder);
    machine.process->begin(endpoints_);
}

void ClusterWorld::end(Machine& machine, const NodeDeed& deed) {
    if (!machine.process || machine.is_leaving) return;
    Microseconds patience{0};
    if (deed.kind == NodeDeedKind::stopped) {
        machine.is_leaving = true;
        machine.process->stop();
        patience = random_.within({{}, seconds{3}});
    }
    agenda_.after(patience, [this, &machine, &deed, life = std::weak_ptr{machine.process}] {
        if (life.expired()) return;
        const bool orderly = deed.kind == NodeDeedKind::stopped;
        drop(machine, orderly ? Seen::stopped_in_flight : Seen::killed_in_flight);
        agenda_.after(deed.span, [this, &machine] { start(machine); });
    });
}

// An orderly end cuts what is under way and gives everything back.
void ClusterWorld::drop(Machine& machine, ClusterSituation in_flight) {
    const NodeId id = machine.lanes->id();
    trace_.note(agenda_.now(), "node ends", {id.value, checker_.in_flight_of(id)});
    checker_.node_ended(id, in_flight);
    if (machine.is_leaving && !machine.process->is_frozen()) machine.process->hand_over();
    machine.process.reset();
    machine.lanes.reset();
}

void ClusterWorld::cut(Machine& machine, const NodeDeed& deed) {
    if (!machine.process) return;
    const Microseconds until = agenda_.now() + deed.span;
    trace_.note(agenda_.now(), "cut", {machine.lanes->id().value, deed.span.count()});
    registry_.cut(machine.lanes->id(), until);
    machine.trouble.stalled_until = until;
    machine.trouble.failing_until = until;
    checker_.members_changed();
    if (deed.span > kLease + kHeartbeat) seen_.saw(Seen::lapsed_while_cut);
}

ClusterWorld::Machine* ClusterWorld::any_machine() {
    std::vector<Machine*> able;
    for (Machine& machine : machines_) {
        const bool answers =
            machine.process && !machine.process->is_frozen() && !machine.is_leaving;
        if (answers) able.push_back(&machine);
    }
    return able.empty() ? nullptr : random_.pick(able);
}

void ClusterWorld::with_machine(std::function<void(Machine&)> deed) {
    if (Machine* machine = any_machine()) return deed(*machine);
    agenda_.after(kClientRetry, [this, deed = std::move(deed)] { with_machine(deed); });
}

// The leader's job; a leader that has just died is replaced by the next round.
void ClusterWorld::reconcile_from_now_on() {
    if (any_machine() != nullptr) {
        std::vector<EndpointId> working;
        for (const EndpointId id : endpoints_) {
            const bool is_enabled = store_.endpoint(id).status == storage::EndpointStatus::enabled;
            if (is_enabled) working.push_back(id);
        }
        registry_.reconcile(working);
    }
    agenda_.after(kReconcilePause, [this] { reconcile_from_now_on(); });
}

void ClusterWorld::audit_from_now_on() {
    checker_.audit();
    agenda_.after(kAuditPause, [this] { audit_from_now_on(); });
}

}  // namespace postern::scenario
