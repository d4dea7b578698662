#pragma once

#include "cluster/lane_queue.hpp"
#include "cluster/lane_store.hpp"
#include "core/metrics.hpp"
#include "core/time.hpp"
#include "dispatch/lane_claims.hpp"
#include "redis/client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::cluster {

struct LaneClaimsTiming {
    std::chrono::milliseconds tick{1'000};           // looks at the node's lease, and sweeps
    std::chrono::milliseconds extend_every{3'000};   // of the leases in Redis
    std::chrono::milliseconds look_every{15'000};    // at each shard, whatever was heard of it
    std::chrono::milliseconds step_in_after{1'000};  // when a shard's primary node does nothing
    std::chrono::milliseconds retry_after{50};       // what somebody else was changing
    std::chrono::milliseconds walk_every{30'000};    // the reconciler
    std::chrono::milliseconds take_up_every{5'000};  // without Redis: what the store has as ours
};

// The way of lanes between nodes. Redis says who may look at what, quickly; the store's table
// `lanes` says who has it, and is asked before anything begins. So whatever Redis forgets or says
// twice, no lane has two nodes. Without Redis, or while it is down, the store alone is asked: what
// is wanted here is claimed at once, and what falls due elsewhere is found by a look each second at
// this node's share of the endpoints. So is what nodes store that only receive.
class NodeLaneClaims final : public dispatch::LaneClaims {
 public:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct NodeLease {
        std::int64_t node = 0;  // 0: none
        SteadyTime until = {};
    };
    struct LiveNodes {
        std::vector<std::int64_t> delivering;  // this one included
        // They store what is to be sent, and tell nobody.
        std::size_t only_receiving = 0;
    };
    struct Parts {
        LaneStore::Open open_store;
        const Clock& clock;
        MetricRegistry& metrics;
        std::function<NodeLease()> lease;                    // any thread
        std::function<LiveNodes()> live_nodes;               // any thread
        std::function<std::vector<EndpointId>()> endpoints;  // any thread; for the sweep
        std::optional<redis::Options> queue;                 // none: the store alone
        LaneQueue::Options lanes = {.prefix = "postern"};
        LaneClaimsTiming timing = {};
    };
    explicit NodeLaneClaims(Parts parts);
    ~NodeLaneClaims() override;  // after thread_ended(), if it was started

    void start(net::IoThread& thread, Listener& listener) override;
    void want(const std::vector<dispatch::Nudge>& nudges) override;
    void give_back(const std::vector<Idle>& lanes) override;
    SteadyTime ours_until() const override;
    storage::LaneHolder holder() const override;
    std::size_t live_nodes() const override;
    void stop() override;
    bool has_stopped() const override;
    void thread_ended() override;

    // Any thread. One node of all keeps Redis in step with the store. Two that do so at once, for
    // as long as a frozen one takes to notice, only do it twice.
    enum class Reconciling : std::uint8_t { no, yes };
    void set_reconciling(Reconciling reconciling);

    // Any thread; of less than a second ago.
    enum class QueueState : std::uint8_t { none, up, down };
    struct Status {
        QueueState queue = QueueState::none;
        std::string why_down;  // in words for people
        std::size_t held = 0;
        // Whether the store says which endpoints are this node's, when it is asked.
        enum class Store : std::uint8_t { answers, silent } store = Store::answers;
    };
    Status status() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace postern::cluster
