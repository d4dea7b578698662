#pragma once

#include "daemon/store.hpp"
#include "dispatch/dispatcher.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

class ClusterSide;

// What the verdicts below are made of.
struct Vitals {
    enum class Store : std::uint8_t { whole, failed } store = Store::whole;
    enum class Service : std::uint8_t { running, stopping } service = Service::running;
    // Of one that is behind a network.
    enum class Reach : std::uint8_t { reached, not_reached } reach = Reach::reached;
    // Among the other nodes of the store.
    enum class Place : std::uint8_t { held, lost } place = Place::held;
    // What this node is to deliver is only its own when the store has said so.
    enum class Lanes : std::uint8_t { confirmed, unconfirmed } lanes = Lanes::confirmed;
    storage::WriterStatus writer = {};
    // On a server a commit may wait for other nodes, as long as the server's timeouts say.
    enum class Commits : std::uint8_t { own, of_many } commits = Commits::own;
    dispatch::Standstill standstill = {};
};

// Why nothing should be sent here for a while, the gravest first; empty: all is well.
std::vector<std::string_view> why_not_ready(const Vitals& vitals);
// Why this process will not come to itself again, so that a restart may help; empty: work moves.
std::vector<std::string_view> why_not_alive(const Vitals& vitals);

// What the operator's probes read. Alive means work moves; ready means it moves well enough for
// more.
class Health {
 public:
    // `cluster` is null where this is the only node.
    Health(Store& store, const dispatch::Dispatcher& dispatcher, const ClusterSide* cluster)
        : store_{store},
          dispatcher_{dispatcher},
          cluster_{cluster},
          started_{std::chrono::steady_clock::now()} {}

    void begin_stop() { stopping_.store(true, std::memory_order_relaxed); }

    struct Answer {
        enum class State { ready, not_ready } state = State::ready;
        std::string json;
    };
    Answer liveness() const;
    Answer readiness() const;
    // The gravest reason of the liveness probe; empty: it has none.
    std::string why_not_alive() const;

 private:
    Vitals vitals() const;

    Store& store_;
    const dispatch::Dispatcher& dispatcher_;
    const ClusterSide* cluster_;
    std::chrono::steady_clock::time_point started_;
    std::atomic<bool> stopping_{false};
};

}  // namespace postern::daemon
