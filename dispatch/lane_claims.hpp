#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "dispatch/delivery_book.hpp"
#include "net/runtime.hpp"
#include "storage/endpoint_repository.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace postern::dispatch {

// Who serves which lane, when several nodes share one store. A lane is one endpoint with all its
// deliveries, and one node at a time serves it, so that caps, rates, pauses and a payment's order
// hold over the cluster because they hold in the engine. All calls and all callbacks on the
// dispatcher's thread; a callback never comes from inside a call.
class LaneClaims {
 public:
    struct Granted {
        EndpointId endpoint;
        std::int64_t fence = 0;  // greater at each change of hands
    };
    class Listener {
     public:
        virtual ~Listener() = default;
        // Ours from here on. Granted again while it is ours: as if revoked in between.
        virtual void granted(const std::vector<Granted>& lanes) = 0;
        // Not ours: nothing of it may begin. What is under way goes on and is recorded.
        virtual void revoked(const std::vector<EndpointId>& lanes) = 0;
        // Something is due on lanes of ours, as another node says.
        virtual void due(const std::vector<Nudge>& nudges) = 0;
    };
    // Nothing of it is under way, and nothing is due before `next_due` (absent: nothing at all).
    struct Idle {
        EndpointId endpoint;
        std::optional<TimePoint> next_due;
    };

    virtual ~LaneClaims() = default;
    // Before the thread runs.
    virtual void start(net::IoThread& thread, Listener& listener) = 0;
    // There is something due for these endpoints: they become granted, or their node is told.
    virtual void want(const std::vector<Nudge>& nudges) = 0;
    // Not ours from the call on. Others may serve them.
    virtual void give_back(const std::vector<Idle>& lanes) = 0;
    // Until when this node may begin attempts. When it has run out and others may have claimed our
    // lanes meanwhile, revoked() comes before it moves on.
    virtual std::chrono::steady_clock::time_point ours_until() const = 0;
    // In whose name our lanes are held; of node 0: none is ours.
    virtual storage::LaneHolder holder() const = 0;
    // This one counts; at least 1. Caps that hold for all nodes together are shared out by it.
    virtual std::size_t live_nodes() const = 0;
    // Gives all back that was not given back yet, and calls back no more.
    virtual void stop() = 0;
    // After stop(): whether all that was given back has reached the others. The thread runs on for
    // a while until it has.
    virtual bool has_stopped() const { return true; }
    // The thread runs no more and is about to be destroyed, with stop() or without.
    virtual void thread_ended() {}
};

}  // namespace postern::dispatch
