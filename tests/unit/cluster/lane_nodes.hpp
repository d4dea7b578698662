#pragma once

#include "cluster/lane_claims.hpp"
#include "net/runtime.hpp"
#include "tests/unit/cluster/cluster_store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace postern::cluster {

// Who serves what, as the nodes of a test are told. What must never happen is written down.
class Ledger {
 public:
    struct Entry {
        std::int64_t node = 0;
        std::int64_t fence = 0;
    };
    void grant(EndpointId endpoint, Entry entry);
    void drop(EndpointId endpoint, std::int64_t node);
    void drop_all(std::int64_t node);
    void call(EndpointId endpoint, std::int64_t node);

    // Waits as long as it takes.
    void until(const std::function<bool()>& reached);
    // Inside until(): they lock nothing.
    std::int64_t holder(EndpointId endpoint) const;
    std::size_t held_by(std::int64_t node) const;
    std::int64_t calls(EndpointId endpoint) const;

    std::vector<std::string> violations() const;
    void note() { changed_.notify_all(); }

 private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<EndpointId, Entry> holders_;
    std::map<EndpointId, std::int64_t> fences_;
    std::map<EndpointId, std::int64_t> calls_;
    std::vector<std::string> violations_;
};

// What all nodes of a test have in common.
struct Cluster {
    ClusterStore store;
    Ledger ledger;
    std::string url = {};  // of Redis; empty: none
    std::vector<EndpointId> endpoints;
    std::chrono::milliseconds walk_every{200};
    std::chrono::milliseconds take_up_every = std::chrono::hours{1};
    std::chrono::milliseconds look_every = std::chrono::hours{1};
    std::atomic<std::size_t> only_receiving = 0;  // beside those that live

    void add_endpoints(std::int64_t count);
    std::vector<std::int64_t> live() const;
    void set_live(std::set<std::int64_t> nodes);

 private:
    mutable std::mutex mutex_;
    std::set<std::int64_t> live_;
};

// A node: its thread, its claims, and in the place of a dispatcher somebody who only takes notes.
class LaneNode final : public dispatch::LaneClaims::Listener {
 public:
    LaneNode(Cluster& cluster, std::int64_t id);
    ~LaneNode() override;  // as when the process is killed: nobody is told
    LaneNode(const LaneNode&) = delete;
    LaneNode& operator=(const LaneNode&) = delete;

    std::int64_t id() const { return id_; }
    void want(EndpointId endpoint);
    void give_back(EndpointId endpoint, std::optional<Microseconds> due_in = std::nullopt);
    void stop();  // as a process that ends in order
    void lose_lease();
    void renew_lease();  // in time, as the same node
    void take_lease(std::int64_t id);
    void reconcile();
    NodeLaneClaims& claims() { return *claims_; }
    std::int64_t ticks() const { return ticks_; }
    bool has_walked() const;  // with Redis and the store compared to the end

    void granted(const std::vector<dispatch::LaneClaims::Granted>& lanes) override;
    void revoked(const std::vector<EndpointId>& lanes) override;
    void due(const std::vector<dispatch::Nudge>& nudges) override;

 private:
    void on_thread(std::function<void()> work);

    Cluster& cluster_;
    std::atomic<std::int64_t> id_;
    std::atomic<bool> has_lease_ = true;
    std::atomic<std::int64_t> ticks_ = 0;
    SystemClock clock_;
    MetricRegistry metrics_;
    net::Runtime runtime_{1};
    std::unique_ptr<NodeLaneClaims> claims_;
    std::set<EndpointId> held_;  // the thread only
};

}  // namespace postern::cluster
