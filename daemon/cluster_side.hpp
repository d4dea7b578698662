#pragma once

#include "cluster/change_feed.hpp"
#include "cluster/hint.hpp"
#include "cluster/lane_claims.hpp"
#include "cluster/leader.hpp"
#include "cluster/membership.hpp"
#include "cluster/shared_limits.hpp"
#include "config/config.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "daemon/api_keys.hpp"
#include "daemon/background_work.hpp"
#include "daemon/neighbours.hpp"
#include "daemon/node_home.hpp"
#include "daemon/rate_limits.hpp"
#include "dispatch/endpoint_directory.hpp"
#include "net/runtime.hpp"
#include "storage/change_follower.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace postern::daemon {

// How this node stands among the others, for who asks.
struct ClusterStatus {
    std::string name;
    unsigned number = 0;
    enum class Lease { held, lost } lease = Lease::held;
    enum class Store { reached, not_reached } store = Store::reached;
    std::vector<cluster::Member> members;
    std::int64_t own_id = 0;
    std::int64_t leader_id = 0;  // 0: nobody at this moment
    cluster::NodeLaneClaims::Status lanes = {};
};

// This daemon as one of several over one store. Where the store is a file of its own there is none
// of this.
class ClusterSide final : private storage::ChangeFollower {
 public:
    struct Parts {
        const config::Config& config;
        storage::Database& database;
        const Clock& clock;
        MetricRegistry& metrics;
    };
    explicit ClusterSide(const Parts& parts);
    ~ClusterSide() override;
    ClusterSide(const ClusterSide&) = delete;
    ClusterSide& operator=(const ClusterSide&) = delete;

    // What others are asked for; to be called once this node has joined.
    const Neighbours& neighbours() const { return neighbours_; }

    // Takes a number, before anything is made that has an id. What others change from here on is
    // told later.
    Result<void, Complaint> join(storage::Writer& writer);

    // Which endpoints this node delivers to. After join(), before the dispatcher, which it
    // outlives.
    dispatch::LaneClaims& make_claims(const dispatch::EndpointDirectory& endpoints);

    // What this node holds in memory. It is read again on the thread of the membership's chores,
    // and on those of the writer before they go by it.
    using Refresh = std::function<StoreResult(storage::Connection&)>;
    struct Memory {
        std::function<StoreResult(storage::Connection&, EndpointId)> refresh_endpoint;
        Refresh refresh_gateways;
        std::function<void(const std::vector<DeliveryId>&)> withdraw;
        Refresh refresh_all;
        ProvenKeys& keys;
        std::function<void()> look_for_work;  // another node left some, perhaps
    };
    // Before anybody is served: from here on no batch goes by what others have changed since.
    void keep_up_to_date(Memory memory);
    // Works for all nodes while it leads.
    void start(std::vector<BackgroundWork::Worker> workers);
    // Works for the others no more.
    void stop_background();
    // The others take over at once. The writer is not needed for it.
    void leave();

    // Of keys and of addresses, for all nodes together. They live as long as this object.
    std::unique_ptr<RateLimiter> make_key_limiter();
    std::unique_ptr<RateLimiter> make_address_limiter();

    cluster::Membership& membership() { return *membership_; }
    const cluster::Leader& leader() const { return *leader_; }
    ClusterStatus status() const;
    void refresh_gauges();

 private:
    Result<void, Complaint> open_queue();
    cluster::ChangeFeed::Listener feed_listener();
    StoreResult
    apply(storage::Connection& connection, const std::vector<storage::ChangeRow>& changes);
    void stand_for_leader();
    void gain();
    void lose();
    StoreResult look_for_changes(storage::WriteConnection& connection);
    StoreResult follow(std::int64_t number) override;

    Parts parts_;
    std::string name_;
    std::optional<NodeHome> home_;  // once this node joins
    Neighbours neighbours_;
    std::optional<Memory> memory_;
    cluster::ChangeFeed feed_;
    std::unique_ptr<cluster::Membership> membership_;
    std::unique_ptr<cluster::Leader> leader_;
    std::unique_ptr<cluster::NodeLaneClaims> claims_;
    std::unique_ptr<BackgroundWork> background_;
    cluster::SharedCounts key_counts_;
    cluster::SharedCounts address_counts_;
    net::Runtime runtime_{1};
    std::optional<redis::Options> queue_;    // absent: there is none, like the next three
    std::unique_ptr<redis::Client> client_;  // on the runtime's thread, like what uses it
    std::unique_ptr<cluster::Hint> hint_;
    std::unique_ptr<cluster::SharedLimits> limits_;
    enum class Phase { made, running, left } phase_ = Phase::made;
    std::mutex spare_mutex_;  // guards what follows
    // For what must not wait for others, to the last. Null: before this node joined, and after it
    // left, when it goes by what it knows.
    std::unique_ptr<storage::WriteConnection> spare_;
    enum class Knows { nothing_yet, all } knows_ = Knows::nothing_yet;
    std::chrono::steady_clock::time_point forget_at_{};  // the chores' thread only
};

}  // namespace postern::daemon
