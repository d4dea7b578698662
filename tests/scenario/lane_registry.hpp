#pragma once

#include "dispatch/engine.hpp"
#include "tests/scenario/agenda.hpp"
#include "tests/scenario/cluster_situations.hpp"
#include "tests/scenario/fake_store.hpp"
#include "tests/scenario/random.hpp"
#include "tests/scenario/trace.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace postern::scenario {

// One life of one node; a node that starts again is another.
struct NodeId {
    std::int64_t value = 0;
    auto operator<=>(const NodeId&) const = default;
};

struct HeldLane {
    EndpointId lane;
    std::int64_t fence = 0;
};

// What a node hears from the registry.
class LaneHearer {
 public:
    virtual ~LaneHearer() = default;
    virtual void hear_granted(HeldLane lane) = 0;
    virtual void hear_due(const dispatch::Nudge& nudge) = 0;
    struct Lease {
        Microseconds sent_at{0};  // when the node asked
        std::int64_t epoch = 0;   // another one: it had lapsed, and everything was taken away
        std::size_t live_nodes = 1;
    };
    virtual void hear_lease(const Lease& lease) = 0;
    virtual bool is_awake() const = 0;
};

inline constexpr Microseconds kLease = std::chrono::seconds{10};
inline constexpr Microseconds kHeartbeat = std::chrono::seconds{3};

// Who serves which lane, as the store has it, and the queue of lanes by due time, which may forget.
// Whatever goes between it and a node may be late, lost or doubled.
class LaneRegistry {
 public:
    struct Parts {
        Agenda& agenda;
        const FakeStore& store;
        const Clock& wall;
        Trace& trace;
        ClusterSituations& seen;
        // Told when a node has lost a lane without giving it back.
        std::function<void(NodeId, EndpointId)> on_lost;
    };
    LaneRegistry(Parts parts, Random random) : parts_{std::move(parts)}, random_{random} {}

    NodeId join(const std::shared_ptr<LaneHearer>& hearer);

    // ---- from a node, on their way
    void want(NodeId from, const dispatch::Nudge& nudge);
    struct GivenBack {
        HeldLane lane;
        std::optional<TimePoint> next_due;
    };
    void give_back(NodeId from, const GivenBack& given);
    struct Heartbeat {
        Microseconds sent_at{0};
        std::vector<HeldLane> held;
        std::map<EndpointId, std::int64_t> ended;  // the last fence of those that are not held
    };
    void beat(NodeId from, const Heartbeat& heartbeat);

    // ---- faults
    void cut(NodeId node, Microseconds until) { nodes_.at(node).cut_until = until; }
    void flush();
    void break_queue(Microseconds until);
    void heal() { is_healed_ = true; }

    // As the store has it.
    bool is_holder(NodeId node, EndpointId lane) const;
    std::size_t live_nodes() const;
    // Brings back what the queue has forgotten.
    void reconcile(const std::vector<EndpointId>& endpoints);

 private:
    struct Lane {
        NodeId holder;  // 0: nobody
        NodeId last_holder;
        std::int64_t fence = 0;
        std::optional<TimePoint> due;  // in the queue
    };
    struct Node {
        Microseconds lease_until{0};
        Microseconds cut_until{0};
        std::int64_t epoch = 1;
        std::weak_ptr<LaneHearer> hearer;
    };

    void post(NodeId node, std::function<void()> deed);
    void tell(NodeId node, std::function<void(LaneHearer&)> word);
    bool is_live(NodeId node) const;
    bool is_reachable(NodeId node) const;
    bool is_free(const Lane& lane) const { return !is_live(lane.holder); }
    void wanted(NodeId from, const dispatch::Nudge& nudge);
    void given_back(NodeId from, const GivenBack& given);
    void beaten(NodeId from, const Heartbeat& heartbeat);
    void lapse(NodeId from);
    void compare(NodeId from, const Heartbeat& heartbeat);
    void claim(NodeId node, EndpointId lane);
    void enqueue(EndpointId lane, TimePoint due);
    void offer_due(EndpointId lane);

    Parts parts_;
    Random random_;
    std::map<EndpointId, Lane> lanes_;
    std::map<NodeId, Node> nodes_;
    std::int64_t joined_ = 0;
    Microseconds queue_down_until_{0};
    bool is_healed_ = false;
};

}  // namespace postern::scenario
