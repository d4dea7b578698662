#include "cluster/lane_queue.hpp"

#include "tests/unit/redis/redis_server.hpp"
#include "tests/unit/redis/rig.hpp"

#include <gtest/gtest.h>

#include <map>

namespace postern::cluster {
namespace {

using redis::Failure;
using Verdict = LaneQueue::WantAnswer::Verdict;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr LaneShard kShard{3};
constexpr EndpointId kLane{77};
constexpr EndpointId kOther{78};

// Two nodes' sides of one real Redis, and what each of them hears.
class LaneQueueTest : public ::testing::Test {
 protected:
    LaneQueueTest() : rig_{server_.url()} {
        first_.set_node(1);
        second_.set_node(2);
        for (const std::int64_t node : {1, 2}) listen(node_channel("t", node));
        listen(due_channel("t"));
        rig_.until_up();
        // A message that comes proves that those before it would have come as well.
        listen("last");
        while (heard_.empty()) rig_.ask({"PUBLISH", "last", "hello"});
        heard_.clear();
        fill();
    }

    void listen(const std::string& channel) {
        rig_.client->subscribe(channel, [this, channel](std::string_view message) {
            heard_[channel] += message;
        });
    }
    const std::string& hear(const std::string& channel) {
        rig_.until([this, channel] { return !heard_[channel].empty(); });
        return heard_[channel];
    }

    template <class T>
    T wait_for(LaneQueue::Asked<T> task) {
        std::optional<Result<T, Failure>> answer;
        const auto keep = [&answer](std::exception_ptr failure, Result<T, Failure> result) {
            if (failure) std::rethrow_exception(failure);
            answer.emplace(std::move(result));
        };
        net::asio::co_spawn(rig_.thread.context(), std::move(task), keep);
        rig_.until([&answer] { return answer.has_value(); });
        EXPECT_TRUE(answer->has_value()) << (*answer ? "" : answer->error().reason);
        return **answer;
    }
    void fill() {
        wait_for(first_.walk(kShard, {LaneQueue::WalkStep::begin, 1}));
        EXPECT_EQ(wait_for(first_.walk(kShard, {LaneQueue::WalkStep::end, 1})), ShardState::filled);
    }
    LaneQueue::WantAnswer::Item
    want(LaneQueue& node, EndpointId lane, milliseconds wait = milliseconds{0}) {
        return wait_for(node.want(kShard, {{.endpoint = lane, .wait = wait}})).items.at(0);
    }
    void give_back(LaneQueue& node, LaneQueue::Returned lane) {
        wait_for(node.give_back(kShard, {lane}));
    }

    redis::RedisServer server_;
    redis::Rig rig_;
    LaneQueue first_{*rig_.client, {.prefix = "t"}};
    LaneQueue second_{*rig_.client, {.prefix = "t"}};
    LaneQueue hasty_{*rig_.client, {.prefix = "t", .lease = milliseconds{0}}};
    std::map<std::string, std::string> heard_;
};

TEST_F(LaneQueueTest, LeasesWhatNobodyHasAndTellsWhoHasIt) {
    EXPECT_EQ(want(first_, kLane).verdict, Verdict::ours);
    const auto answer = wait_for(second_.want(
        kShard,
        {{.endpoint = kLane,
          .wait = seconds{2},
          .queue = storage::DeliveryQueue::retry,
          .delivery = DeliveryId{9}}}
    ));
    EXPECT_EQ(answer.items.at(0).verdict, Verdict::told_other);
    const auto calls = parse_lane_calls(hear(node_channel("t", 1)));
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].endpoint, kLane);
    EXPECT_EQ(calls[0].wait, seconds{2});
    EXPECT_EQ(calls[0].queue, storage::DeliveryQueue::retry);
    EXPECT_EQ(calls[0].delivery, DeliveryId{9});
    EXPECT_GT(calls[0].number, 0);
}

TEST_F(LaneQueueTest, GivesANewFenceWithEachLease) {
    const auto once = want(first_, kLane);
    const auto twice = want(first_, kLane);
    EXPECT_GT(twice.fence, once.fence);
    give_back(first_, {.endpoint = kLane, .fence = once.fence});
    EXPECT_EQ(want(second_, kLane).verdict, Verdict::told_other) << "the old fence freed it";
    give_back(first_, {.endpoint = kLane, .fence = twice.fence});
    EXPECT_EQ(want(second_, kLane).verdict, Verdict::ours);
}

TEST_F(LaneQueueTest, KeepsWhatIsDueLaterAndSaysWhenThatIs) {
    EXPECT_EQ(want(first_, kLane, seconds{30}).verdict, Verdict::later);
    const auto due = parse_shard_due(hear(due_channel("t")));
    ASSERT_TRUE(due.has_value());
    EXPECT_EQ(due->shard, kShard);
    EXPECT_EQ(due->wait, seconds{30});
    const auto claimed = wait_for(second_.claim(kShard));
    EXPECT_TRUE(claimed.lanes.empty());
    ASSERT_TRUE(claimed.next.has_value());
    EXPECT_LE(*claimed.next, seconds{30});
}

TEST_F(LaneQueueTest, ClaimsWhatIsDueAndNoMoreThanItAskedFor) {
    const auto lease = want(first_, kLane);
    give_back(first_, {.endpoint = kLane, .fence = lease.fence, .wait = Microseconds{0}});
    const auto claimed = wait_for(second_.claim(kShard));
    ASSERT_EQ(claimed.lanes.size(), 1U);
    EXPECT_EQ(claimed.lanes[0].endpoint, kLane);
    EXPECT_GT(claimed.lanes[0].fence, lease.fence);
    EXPECT_TRUE(wait_for(first_.claim(kShard)).lanes.empty());
}

TEST_F(LaneQueueTest, MakesWhatAnEndedLeaseHeldDueAgain) {
    hasty_.set_node(3);
    EXPECT_EQ(want(hasty_, kLane).verdict, Verdict::ours);
    const auto claimed = wait_for(second_.claim(kShard));
    ASSERT_EQ(claimed.lanes.size(), 1U);
    EXPECT_EQ(claimed.lanes[0].endpoint, kLane);
}

TEST_F(LaneQueueTest, RemembersACallThatWasNotHeard) {
    const auto lease = want(first_, kLane);
    want(second_, kLane);
    give_back(first_, {.endpoint = kLane, .fence = lease.fence});
    EXPECT_EQ(wait_for(second_.claim(kShard)).lanes.size(), 1U);
}

TEST_F(LaneQueueTest, ForgetsACallThatWasHeard) {
    const auto lease = want(first_, kLane);
    want(second_, kLane);
    const std::int64_t number = parse_lane_calls(hear(node_channel("t", 1))).at(0).number;
    give_back(first_, {.endpoint = kLane, .fence = lease.fence, .number_seen = number});
    EXPECT_TRUE(wait_for(second_.claim(kShard)).lanes.empty());
    const auto left =
        rig_.ask({"EXISTS", "{t:3}:asked", "{t:3}:lanes", "{t:3}:leased", "{t:3}:due"});
    EXPECT_EQ(left->integer, 0);
}

TEST_F(LaneQueueTest, LearnsAgainWhatItForgot) {
    rig_.ask({"FLUSHALL"});
    const auto extended = wait_for(first_.extend(kShard, {kLane, kOther}));
    EXPECT_EQ(extended.state, ShardState::flushed);
    ASSERT_EQ(extended.lanes.size(), 2U);
    EXPECT_GT(extended.lanes[0].fence, 0);
    EXPECT_EQ(want(second_, kLane).verdict, Verdict::told_other);
    const auto contested = wait_for(second_.extend(kShard, {kLane}));
    EXPECT_EQ(contested.lanes.at(0).fence, 0);
}

TEST_F(LaneQueueTest, HandsALaneToTheNodeThatHasIt) {
    const auto lease = want(second_, kLane);
    wait_for(second_.hand_over(kShard, {{kLane, lease.fence, 1, Microseconds{0}}}));
    EXPECT_EQ(parse_lane_calls(hear(node_channel("t", 1))).size(), 2U);
    EXPECT_EQ(want(second_, kLane).verdict, Verdict::told_other);
}

TEST_F(LaneQueueTest, IsFilledOnlyIfNobodyEmptiedItMeanwhile) {
    rig_.ask({"FLUSHALL"});
    EXPECT_EQ(wait_for(first_.claim(kShard)).state, ShardState::flushed);
    wait_for(first_.walk(kShard, {LaneQueue::WalkStep::begin, 7}));
    rig_.ask({"FLUSHALL"});
    EXPECT_EQ(wait_for(first_.walk(kShard, {LaneQueue::WalkStep::end, 7})), ShardState::flushed);
    wait_for(first_.walk(kShard, {LaneQueue::WalkStep::begin, 8}));
    EXPECT_EQ(wait_for(first_.walk(kShard, {LaneQueue::WalkStep::end, 8})), ShardState::filled);
    EXPECT_EQ(wait_for(first_.claim(kShard)).state, ShardState::filled);
}

TEST_F(LaneQueueTest, IsBroughtInStepWithTheStore) {
    want(first_, EndpointId{1});
    want(first_, EndpointId{2}, seconds{60});
    want(first_, EndpointId{3}, seconds{60});
    want(first_, EndpointId{4}, seconds{60});
    const auto repaired = wait_for(first_.compare(
        kShard,
        {{EndpointId{1}, seconds{0}},    // served: not looked at
         {EndpointId{2}, seconds{5}},    // too late
         {EndpointId{3}, std::nullopt},  // nothing waits for it
         {EndpointId{4}, seconds{60}},   // as it should be
         {EndpointId{5}, seconds{5}},    // missing
         {EndpointId{6}, std::nullopt}}
    ));
    EXPECT_EQ(repaired.missing, 1);
    EXPECT_EQ(repaired.late, 1);
    EXPECT_EQ(repaired.idle, 1);
    // Whoever is given the one that nothing waits for finds that out, and nobody else.
    const auto claimed = wait_for(second_.claim(kShard));
    ASSERT_EQ(claimed.lanes.size(), 1U);
    EXPECT_EQ(claimed.lanes[0].endpoint, EndpointId{3});
}

TEST_F(LaneQueueTest, FindsEndedLeasesWhenItIsComparedToo) {
    hasty_.set_node(3);
    want(hasty_, kLane);
    EXPECT_EQ(wait_for(first_.compare(kShard, {{kLane, seconds{0}}})).missing, 1);
    EXPECT_EQ(wait_for(second_.claim(kShard)).lanes.size(), 1U);
}

// As after a failover to a server whose clock is behind that of the one before it.
TEST_F(LaneQueueTest, DoesNotWaitForALeaseThatEndsLaterThanAnyCould) {
    want(first_, kLane);
    want(first_, kOther);
    const std::string far_away = std::to_string(std::int64_t{1} << 52);
    for (const EndpointId lane : {kLane, kOther}) {
        rig_.ask({"ZADD", "{t:3}:leased", far_away, std::to_string(lane.value)});
    }
    EXPECT_EQ(want(second_, kLane).verdict, Verdict::ours);
    const auto claimed = wait_for(second_.claim(kShard));
    ASSERT_EQ(claimed.lanes.size(), 1U);
    EXPECT_EQ(claimed.lanes[0].endpoint, kOther);
}

TEST_F(LaneQueueTest, SaysAgainWhatShouldHaveBeenHeardLongSince) {
    rig_.ask({"ZADD", "{t:3}:due", "1", std::to_string(kOther.value)});
    want(first_, kLane, milliseconds{60'000});
    EXPECT_TRUE(parse_shard_due(hear(due_channel("t"))).has_value());
}

TEST_F(LaneQueueTest, CountsTheWaitByTheServersClock) {
    constexpr milliseconds kWait{40};
    want(first_, kLane, kWait);
    for (;;) {
        const auto claimed = wait_for(second_.claim(kShard));
        if (!claimed.lanes.empty()) break;
        ASSERT_TRUE(claimed.next.has_value());
        EXPECT_LE(*claimed.next, kWait);
    }
}

TEST(LaneMessages, AreReadWholeOrNotAtAll) {
    EXPECT_TRUE(parse_lane_calls("").empty());
    EXPECT_TRUE(parse_lane_calls("nonsense").empty());
    EXPECT_EQ(parse_lane_calls("7:1:0:0:0 8:2:0:1:5").size(), 2U);
    for (const char* text : {"", "3", "x:1", "16:1", "-1:1", "3:x"}) {
        EXPECT_FALSE(parse_shard_due(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace postern::cluster
