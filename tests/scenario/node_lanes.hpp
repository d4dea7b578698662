#pragma once

#include "tests/scenario/cluster_checker.hpp"
#include "tests/scenario/lane_registry.hpp"
#include "tests/scenario/process.hpp"

#include <functional>
#include <map>
#include <memory>

namespace postern::scenario {

// A node's side of the registry: what it believes to hold, and until when.
class NodeLanes final : public LaneSource,
                        public LaneHearer,
                        public std::enable_shared_from_this<NodeLanes> {
 public:
    struct Parts {
        Agenda& agenda;
        LaneRegistry& registry;
        ClusterChecker& checker;
        ClusterSituations& seen;
        std::function<void(const dispatch::Endpoint&)> on_changed;
    };
    explicit NodeLanes(Parts parts) : parts_{std::move(parts)} {}

    void begin(const std::shared_ptr<Process>& process);
    NodeId id() const { return id_; }

    void want(const dispatch::Nudge& nudge) override { parts_.registry.want(id_, nudge); }
    void give_back(const dispatch::GiveBackLane& lane) override;
    Microseconds ours_until() const override { return ours_until_; }
    std::size_t live_nodes() const override { return live_nodes_; }
    void changed(const dispatch::Endpoint& endpoint) override { parts_.on_changed(endpoint); }

    void hear_granted(HeldLane lane) override;
    void hear_due(const dispatch::Nudge& nudge) override;
    void hear_lease(const Lease& lease) override;
    bool is_awake() const override;

 private:
    void beat();
    // To the process, when it is awake to hear it.
    void pass_on(std::function<void(Process&)> word);
    void take(HeldLane lane);
    void take(const Lease& lease);

    Parts parts_;
    std::weak_ptr<Process> process_;
    NodeId id_;
    std::int64_t epoch_ = 1;
    Microseconds ours_until_{0};
    std::size_t live_nodes_ = 1;
    std::map<EndpointId, std::int64_t> held_;   // with their fences
    std::map<EndpointId, std::int64_t> ended_;  // the last fence of those that are not
};

}  // namespace postern::scenario
