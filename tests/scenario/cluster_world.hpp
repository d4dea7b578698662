#pragma once

#include "tests/scenario/cluster_plan.hpp"
#include "tests/scenario/node_lanes.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace postern::scenario {

struct ClusterResult {
    std::optional<Violation> violation;
    std::uint64_t trace_hash = 0;
    ClusterSituations seen;
    std::int64_t events = 0;
    std::int64_t attempts = 0;
};

class TrueClock final : public Clock {
 public:
    explicit TrueClock(const Agenda& agenda) : agenda_{agenda} {}
    TimePoint now() const override { return kWorldBegins + agenda_.now(); }

 private:
    const Agenda& agenda_;
};

// Several nodes over one store, the registry of lanes between them, and everything around: those
// who send events to any of them, people who edit endpoints on any of them, and faults.
class ClusterWorld {
 public:
    ClusterWorld(const ClusterPlan& plan, Trace::Printing printing);
    ~ClusterWorld();
    ClusterResult run();

 private:
    // A machine; its process comes and goes.
    struct Machine {
        std::shared_ptr<Process> process;
        std::shared_ptr<NodeLanes> lanes;
        StoreTrouble trouble;
        bool is_leaving = false;
    };

    void do_deed(const Deed& deed);
    void do_deed(const NodeDeed& deed);
    void start(Machine& machine);
    void end(Machine& machine, const NodeDeed& deed);
    void drop(Machine& machine, ClusterSituation in_flight);
    void cut(Machine& machine, const NodeDeed& deed);
    void reconcile_from_now_on();
    void audit_from_now_on();
    // One of those that answer; null: none does.
    Machine* any_machine();
    void with_machine(std::function<void(Machine&)> deed);

    struct Ingest;
    void event_arrives(std::size_t index);
    Result<void, storage::StoreError> ingest(Ingest& made);

    enum class Change : std::uint8_t { disable, enable, edit };
    void change_endpoint(EndpointId id, Change change);
    dispatch::Endpoint changed(EndpointId id, Change change);
    // To the other nodes, a moment later.
    void publish(const dispatch::Endpoint& endpoint);
    struct ByHand;
    void retry(DeliveryId id);
    void cancel(DeliveryId id);
    void change_by_hand(
        DeliveryId id,
        std::function<Result<void, storage::StoreError>(ByHand&)> run,
        std::function<void()> committed
    );
    DeliveryId choose_delivery();
    void heal();

    const ClusterPlan& plan_;
    Random random_;
    Agenda agenda_;
    Trace trace_;
    ClusterSituations seen_;
    Situations of_processes_;
    TrueClock wall_{agenda_};
    FakeStore store_{wall_};
    FakeNetwork network_;
    ClusterChecker checker_;
    LaneRegistry registry_;
    std::vector<EndpointId> endpoints_;
    std::vector<std::unique_ptr<NodeId>> ids_;
    std::vector<std::unique_ptr<NodeWitness>> witnesses_;  // also of those that ended
    std::vector<Machine> machines_;
    std::set<EventId> accepted_;
};

}  // namespace postern::scenario
