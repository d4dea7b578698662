#include "tests/unit/cluster/lane_nodes.hpp"
#include "tests/unit/redis/redis_server.hpp"
#include "tests/unit/redis/rig.hpp"

#include <gtest/gtest.h>

namespace postern::cluster {
namespace {

using std::chrono::milliseconds;

constexpr EndpointId kLane{100};
constexpr std::int64_t kEndpoints = 24;

// Nodes that have only the store.
class LaneClaimsFallbackTest : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!storage::PostgresServer::is_installed()) GTEST_SKIP() << "no PostgreSQL here";
        cluster_ = std::make_unique<Cluster>();
        cluster_->add_endpoints(kEndpoints);
        cluster_->set_live({1, 2});
    }
    void TearDown() override {
        if (cluster_ == nullptr) return;
        for (const std::string& violation : ledger().violations()) ADD_FAILURE() << violation;
    }
    Ledger& ledger() { return cluster_->ledger; }
    void until_held(EndpointId endpoint, std::int64_t id) {
        ledger().until([this, endpoint, id] { return ledger().holder(endpoint) == id; });
    }
    void until_all_are_held() {
        for (const EndpointId endpoint : cluster_->endpoints) {
            ledger().until([this, endpoint] { return ledger().holder(endpoint) != 0; });
        }
    }
    void pass(LaneNode& node, std::int64_t ticks) {
        const std::int64_t until = node.ticks() + ticks;
        ledger().until([&node, until] { return node.ticks() >= until; });
    }
    void until_queue_is(LaneNode& node, NodeLaneClaims::QueueState state) {
        ledger().until([&node, state] { return node.claims().status().queue == state; });
    }

    std::unique_ptr<Cluster> cluster_;
};

TEST_F(LaneClaimsFallbackTest, ClaimsWhatIsWantedInTheStoreWithoutRedis) {
    LaneNode first{*cluster_, 1};
    LaneNode second{*cluster_, 2};
    EXPECT_EQ(first.claims().status().queue, NodeLaneClaims::QueueState::none);
    first.want(kLane);
    until_held(kLane, 1);
    EXPECT_EQ(cluster_->store.holder_of(kLane), "1");
    // What is asked for while somebody has it is found in the store when he has given it back.
    second.want(kLane);
    cluster_->store.add_delivery(kLane, 1);
    first.give_back(kLane);
    ledger().until([this] { return ledger().holder(kLane) != 0; });
}

TEST_F(LaneClaimsFallbackTest, SharesOutWhatFallsDueAndTakesOverFromTheDead) {
    auto first = std::make_unique<LaneNode>(*cluster_, 1);
    LaneNode second{*cluster_, 2};
    for (const EndpointId endpoint : cluster_->endpoints) {
        cluster_->store.add_delivery(endpoint, 1);
    }
    until_all_are_held();
    ledger().until([this] { return ledger().held_by(1) > 0 && ledger().held_by(2) > 0; });
    first.reset();
    cluster_->store.end_lease(1);
    cluster_->set_live({2});
    for (const EndpointId endpoint : cluster_->endpoints) until_held(endpoint, 2);
}

// Everybody else sees in the store that it lives and has them.
TEST_F(LaneClaimsFallbackTest, TakesUpItsLanesWhenItsLeaseRanOutHereAndWasRenewedInTime) {
    LaneNode first{*cluster_, 1};
    LaneNode second{*cluster_, 2};
    first.want(kLane);
    until_held(kLane, 1);
    first.lose_lease();
    pass(first, 3);
    first.renew_lease();
    until_held(kLane, 1);
}

TEST_F(LaneClaimsFallbackTest, TakesUpALaneWhoseReturnTheStoreLost) {
    cluster_->take_up_every = milliseconds{40};
    LaneNode first{*cluster_, 1};
    LaneNode second{*cluster_, 2};
    first.want(kLane);
    until_held(kLane, 1);
    first.give_back(kLane);
    ledger().until([this] { return cluster_->store.holder_of(kLane) == "nobody"; });
    // As a crash of its server leaves it, which undoes what it had not written to the disk.
    cluster_->store.ask("INSERT INTO lanes VALUES (100, 1, 1)");
    until_held(kLane, 1);
}

// It lives, as far as anybody can see, and looks at nothing.
TEST_F(LaneClaimsFallbackTest, LooksAtEverythingAsALeaderWithoutRedisToo) {
    LaneNode leader{*cluster_, 1};
    leader.reconcile();
    for (const EndpointId endpoint : cluster_->endpoints) {
        cluster_->store.add_delivery(endpoint, 1);
    }
    for (const EndpointId endpoint : cluster_->endpoints) until_held(endpoint, 1);
}

// The other one reaches its Redis, in which nothing is due: it has to be told, and only the leader
// compares the two.
TEST_F(LaneClaimsFallbackTest, LooksAtEverythingAsALeaderThatDoesNotReachRedis) {
    redis::RedisServer server;
    redis::RedisServer away;
    cluster_->url = server.url();
    LaneNode other{*cluster_, 2};
    until_queue_is(other, NodeLaneClaims::QueueState::up);
    cluster_->url = away.url();
    away.kill();
    LaneNode leader{*cluster_, 1};
    leader.reconcile();
    for (const EndpointId endpoint : cluster_->endpoints) {
        cluster_->store.add_delivery(endpoint, 1);
    }
    until_all_are_held();
}

TEST_F(LaneClaimsFallbackTest, GoesOnWhileRedisIsAwayAndTellsItWhenItReturns) {
    redis::RedisServer server;
    cluster_->url = server.url();
    LaneNode first{*cluster_, 1};
    LaneNode second{*cluster_, 2};
    for (LaneNode* node : {&first, &second}) {
        until_queue_is(*node, NodeLaneClaims::QueueState::up);
    }
    first.want(kLane);
    until_held(kLane, 1);
    server.kill();
    for (LaneNode* node : {&first, &second}) {
        until_queue_is(*node, NodeLaneClaims::QueueState::down);
    }
    EXPECT_FALSE(first.claims().status().why_down.empty());
    constexpr EndpointId kWanted{101};
    second.want(kWanted);
    until_held(kWanted, 2);
    for (const EndpointId endpoint : cluster_->endpoints) {
        cluster_->store.add_delivery(endpoint, 1);
    }
    until_all_are_held();
    server.start();
    for (LaneNode* node : {&first, &second}) {
        until_queue_is(*node, NodeLaneClaims::QueueState::up);
    }
    redis::Rig rig{server.url()};
    rig.until_up();
    const auto known = [&rig] {
        std::int64_t count = 0;
        for (std::size_t number = 0; number < kLaneShards; ++number) {
            count += rig.ask({"HLEN", lane_keys("t", {number})[3]})->integer;
        }
        return count;
    };
    ledger().until([&known] { return known() == kEndpoints; });
}

}  // namespace
}  // namespace postern::cluster
