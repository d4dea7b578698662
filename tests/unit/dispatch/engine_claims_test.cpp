#include "tests/unit/dispatch/engine_rig.hpp"

#include <gtest/gtest.h>

#include <chrono>

// The engine as one of several: lanes come by grant and go again.
namespace postern::dispatch {
namespace {

using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::EndpointHealthRow;
using Ids = std::vector<std::int64_t>;
using namespace std::chrono_literals;

EngineLimits by_grant() {
    EngineLimits limits;
    limits.lanes = EngineLimits::Lanes::by_grant;
    return limits;
}

// A rig with one endpoint whose lane it was granted, and nothing under way.
struct GrantedRig : EngineRig {
    explicit GrantedRig(EngineLimits limits = by_grant(), const Settings& change = {})
        : EngineRig{limits} {
        lane = add_endpoint(1, change);
        engine.grant(lane, std::nullopt, table.time);
        settle();
        table.time += 1s;
    }
    EndpointId lane;
};

TEST(EngineClaims, AsksForALaneAndSendsNothingOfItBefore) {
    EngineRig rig{by_grant()};
    const EndpointId lane = rig.add_endpoint(1);
    rig.settle();
    EXPECT_TRUE(rig.wanted.empty()) << "nothing is due as far as it knows";
    rig.offered(lane);
    const DeliveryRow second = rig.offered(lane);
    rig.engine.nudge({.endpoint = lane, .queue = DeliveryQueue::retry, .due_at = second.due_at});
    rig.settle();
    EXPECT_TRUE(rig.started.empty());
    EXPECT_TRUE(rig.loads.empty());
    ASSERT_EQ(rig.wanted.size(), 2U) << "once for each queue";
    EXPECT_EQ(rig.wanted[0].endpoint, lane);
    EXPECT_EQ(rig.wanted[0].due_at, second.due_at);
    EXPECT_EQ(rig.engine.next_wake(), std::nullopt);
    EXPECT_EQ(rig.engine.status(rig.table.time).endpoints, 0U);
    EXPECT_EQ(rig.engine.status(rig.table.time).oldest_due, std::nullopt);
}

TEST(EngineClaims, SendsWhatWasOfferedBeforeTheGrantFromMemoryOnceTheStoreHasSaidSo) {
    EngineRig rig{by_grant()};
    const EndpointId lane = rig.add_endpoint(1);
    const DeliveryRow row = rig.offered(lane);
    rig.poll();
    rig.engine.grant(lane, std::nullopt, rig.table.time);
    rig.poll();
    EXPECT_TRUE(rig.started.empty()) << "another node may have sent it";
    rig.settle();
    ASSERT_EQ(rig.started_ids(), Ids{row.id.value});
    EXPECT_NE(rig.started[0].item.content, nullptr);
}

TEST(EngineClaims, DoesNotTrustAnOfferThatIsOlderThanTheGrant) {
    GrantedRig rig;
    const DeliveryRow row = rig.scheduled(rig.lane);
    DueItem late = rig.item_of(row);
    rig.engine.revoke(rig.lane);
    // Another node sent it meanwhile.
    const auto elsewhere = record_finished(
        rig.table,
        {.delivery = row.id,
         .fence = row.fence,
         .disposition = {.state = storage::DeliveryState::delivered}}
    );
    ASSERT_TRUE(elsewhere.has_value());
    rig.engine.grant(rig.lane, std::nullopt, rig.table.time + 1s);
    rig.settle();
    rig.engine.offer(std::move(late));
    rig.table.time += 1s;
    rig.settle();
    EXPECT_TRUE(rig.started.empty());
}

// A read may bring what is committed before its own node hears of the commit.
TEST(EngineClaims, DoesNotTrustAnOfferThatComesAfterTheEnd) {
    GrantedRig rig;
    const DeliveryRow row = rig.scheduled(rig.lane);
    DueItem late = rig.item_of(row);
    rig.engine.nudge({.endpoint = rig.lane, .due_at = row.due_at});
    rig.settle();
    ASSERT_EQ(rig.started_ids(), Ids{row.id.value});
    rig.end(row.id, 200);
    rig.settle();
    ASSERT_EQ(rig.written.size(), 1U);
    rig.engine.offer(std::move(late));
    rig.table.time += 1s;
    rig.settle();
    EXPECT_EQ(rig.begun.size(), 1U);
    rig.offered(rig.lane);
    rig.settle();
    EXPECT_EQ(rig.begun.size(), 2U) << "what is newer needs no second look";
}

TEST(EngineClaims, BeginsNothingWhenItsLeaseHasRunOut) {
    GrantedRig rig;
    rig.engine.stand({.ours_until = rig.table.time + 1s, .live_nodes = 2});
    rig.offered(rig.lane);
    rig.advance(1s);
    EXPECT_TRUE(rig.started.empty());
    rig.engine.stand({.ours_until = rig.table.time + 1us, .live_nodes = 2});
    rig.poll();
    EXPECT_EQ(rig.started.size(), 1U);
}

TEST(EngineClaims, BeginsNothingOfALaneThatWasRevokedAndRecordsWhatIsUnderWay) {
    GrantedRig rig{by_grant(), [](EndpointSettings& settings) {
                       settings.in_flight_max = 1;
                   }};
    const DeliveryRow first = rig.offered(rig.lane);
    const DeliveryRow second = rig.offered(rig.lane);
    rig.poll();
    ASSERT_EQ(rig.started_ids(), Ids{first.id.value});
    EXPECT_TRUE(rig.engine.may_send(first.id));
    rig.engine.revoke(rig.lane);
    EXPECT_FALSE(rig.engine.may_send(first.id));
    rig.end(first.id, 503);
    rig.settle();
    ASSERT_EQ(rig.written.size(), 1U);
    EXPECT_FALSE(rig.written[0].health.has_value()) << "it is another node's to say";
    EXPECT_EQ(rig.begun.size(), 1U);
    // Whoever has the lane since may hold it as it was.
    ASSERT_EQ(rig.wanted.size(), 1U);
    EXPECT_EQ(rig.wanted[0].delivery, first.id);
    EXPECT_TRUE(rig.given_back.empty());
    rig.advance(1h);
    EXPECT_EQ(rig.begun.size(), 1U) << second.id.value;
}

TEST(EngineClaims, TakesNothingFromAReadThatBeganBeforeTheLaneChangedHands) {
    GrantedRig rig;
    const DeliveryRow row = rig.scheduled(rig.lane);
    rig.engine.nudge({.endpoint = rig.lane, .due_at = row.due_at});
    rig.poll();
    ASSERT_EQ(rig.loads.size(), 1U);
    const LoadDue load = rig.loads.front();
    rig.loads.pop_front();
    const storage::DueRows before = rig.read(load.query);
    rig.engine.revoke(rig.lane);
    const auto elsewhere = record_finished(
        rig.table,
        {.delivery = row.id,
         .fence = row.fence,
         .disposition = {.state = storage::DeliveryState::delivered}}
    );
    ASSERT_TRUE(elsewhere.has_value());
    rig.engine.grant(rig.lane, std::nullopt, rig.table.time);
    rig.engine.loaded(load.query, before);
    rig.settle();
    EXPECT_TRUE(rig.begun.empty());
}

TEST(EngineClaims, TakesTheBreakerAsAnotherNodeLeftIt) {
    EngineRig rig{by_grant()};
    const EndpointId lane = rig.add_endpoint(1);
    rig.scheduled(lane);
    const EndpointHealthRow health{
        .endpoint = lane,
        .failing_since = rig.table.time - 1min,
        .failures = 12,
        .not_before = rig.table.time + 3s,
        .breaker_openings = 1};
    rig.engine.grant(lane, health, rig.table.time);
    rig.settle();
    EXPECT_TRUE(rig.begun.empty());
    EXPECT_EQ(rig.engine.status(rig.table.time).breakers_open, 1);
    rig.advance(3s);
    rig.settle();
    EXPECT_EQ(rig.begun.size(), 1U) << "one probe";
}

TEST(EngineClaims, WritesEachFailureDownSoThatAnotherNodeCountsOn) {
    GrantedRig rig;
    for (std::int64_t failures = 1; failures <= 3; ++failures) {
        const DeliveryRow row = rig.offered(rig.lane);
        rig.poll();
        rig.end(row.id, 500);
        rig.settle();
        ASSERT_TRUE(rig.written.back().health.has_value());
        EXPECT_EQ(rig.written.back().health->failures, failures);
    }
}

TEST(EngineClaims, NeverSendsFasterThanTheRateOverAChangeOfHands) {
    EngineRig rig{by_grant()};
    const EndpointId lane =
        rig.add_endpoint(1, [](EndpointSettings& settings) { settings.rate_per_second = 1; });
    rig.scheduled(lane);
    // The node before us may have called a moment ago.
    rig.engine.grant(lane, std::nullopt, rig.table.time);
    rig.settle();
    rig.advance(1s - 1us);
    EXPECT_TRUE(rig.begun.empty());
    rig.advance(1us);
    EXPECT_EQ(rig.begun.size(), 1U);
}

TEST(EngineClaims, GivesBackALaneThatHasNothingToDo) {
    GrantedRig rig;
    const DeliveryRow row = rig.offered(rig.lane);
    rig.poll();
    rig.advance(1h);
    EXPECT_TRUE(rig.given_back.empty()) << "an attempt is under way";
    rig.end(row.id);
    rig.settle();
    rig.advance(5s - 1us);
    EXPECT_TRUE(rig.given_back.empty());
    rig.advance(1us);
    ASSERT_EQ(rig.given_back.size(), 1U);
    EXPECT_EQ(rig.given_back[0].endpoint, rig.lane);
    EXPECT_EQ(rig.given_back[0].next_due, std::nullopt);
    EXPECT_TRUE(rig.engine.ours_after({}, 10).empty());
    rig.settle();
    EXPECT_EQ(rig.engine.next_wake(), std::nullopt);
}

struct ReleaseCase {
    const char* name;
    std::chrono::seconds retry_in;
    bool is_given_back;
};

constexpr ReleaseCase kReleaseCases[] = {
    {"a retry that is near keeps the lane", 8s, false},
    {"a retry that is far does not", 60s, true},
};

TEST(EngineClaims, GivesBackALaneUntilItsNextRetry) {
    for (const ReleaseCase& test_case : kReleaseCases) {
        SCOPED_TRACE(test_case.name);
        GrantedRig rig{by_grant(), [&test_case](EndpointSettings& settings) {
                           settings.retry.delays = {0s, test_case.retry_in, 1h};
                       }};
        const DeliveryRow row = rig.offered(rig.lane);
        rig.poll();
        rig.end(row.id, 500);
        rig.settle();
        const TimePoint retry_at = rig.table.time + test_case.retry_in;
        rig.advance(6s);
        ASSERT_EQ(rig.given_back.size(), test_case.is_given_back ? 1U : 0U);
        if (test_case.is_given_back) {
            EXPECT_EQ(rig.given_back[0].next_due, retry_at);
        }
    }
}

TEST(EngineClaims, GivesStarvedLanesToNodesThatHaveRoom) {
    for (const std::size_t nodes : {std::size_t{1}, std::size_t{2}}) {
        SCOPED_TRACE(nodes);
        EngineLimits limits = by_grant();
        limits.in_flight_max = 1;
        EngineRig rig{limits};
        rig.engine.stand({.live_nodes = nodes});
        for (const std::int64_t id : {1, 2}) {
            rig.engine.grant(rig.add_endpoint(id), std::nullopt, rig.table.time);
        }
        rig.settle();
        rig.table.time += 1s;
        rig.offered(EndpointId{1});
        const DeliveryRow waiting = rig.offered(EndpointId{2});
        rig.settle();
        ASSERT_EQ(rig.started.size(), 1U);
        rig.advance(2s - 1us);
        EXPECT_TRUE(rig.given_back.empty());
        rig.advance(1us);
        rig.advance(2s);
        ASSERT_EQ(rig.given_back.size(), nodes == 1 ? 0U : 1U) << "alone, nobody would take it";
        if (nodes == 1) continue;
        EXPECT_EQ(rig.given_back[0].endpoint, EndpointId{2});
        EXPECT_EQ(rig.given_back[0].next_due, waiting.due_at);
    }
}

TEST(EngineClaims, KeepsALaneThatIsGrantedAgainToAFullNodeAsLongAsAnyOther) {
    EngineLimits limits = by_grant();
    limits.in_flight_max = 1;
    EngineRig rig{limits};
    rig.engine.stand({.live_nodes = 2});
    for (const std::int64_t id : {1, 2}) {
        rig.engine.grant(rig.add_endpoint(id), std::nullopt, rig.table.time);
    }
    rig.settle();
    rig.table.time += 1s;
    rig.offered(EndpointId{1});
    rig.offered(EndpointId{2});
    rig.settle();
    ASSERT_EQ(rig.started.size(), 1U);
    rig.advance(2s);
    rig.settle();
    ASSERT_EQ(rig.given_back.size(), 1U);
    // The others have no room either.
    rig.advance(1s);
    rig.engine.grant(EndpointId{2}, std::nullopt, rig.table.time);
    rig.settle();
    rig.advance(2s - 1us);
    EXPECT_EQ(rig.given_back.size(), 1U);
    rig.advance(1us);
    EXPECT_EQ(rig.given_back.size(), 2U);
}

TEST(EngineClaims, SharesAnOriginOutAmongTheNodes) {
    struct Case {
        const char* name;
        std::size_t nodes;
        std::size_t begun;
    };
    for (const Case& test_case :
         {Case{"alone", 1, 4}, Case{"two", 2, 2}, Case{"more than it takes", 9, 1}}) {
        SCOPED_TRACE(test_case.name);
        EngineLimits limits = by_grant();
        limits.in_flight_per_origin_max = 4;
        GrantedRig rig{limits};
        rig.engine.stand({.live_nodes = test_case.nodes});
        for (int i = 0; i < 8; ++i) rig.offered(rig.lane);
        rig.settle();
        EXPECT_EQ(rig.begun.size(), test_case.begun);
        // Once the others are gone, all of it is ours.
        rig.engine.stand({.live_nodes = 1});
        rig.settle();
        EXPECT_EQ(rig.begun.size(), 4U);
    }
}

TEST(EngineClaims, TellsTheLanesNodeOfWhatWasCanceledHere) {
    EngineRig rig{by_grant()};
    const EndpointId lane = rig.add_endpoint(1);
    const DeliveryRow row = rig.scheduled(lane);
    const auto canceled = cancel_delivery(rig.table, row.id, "by hand");
    ASSERT_TRUE(canceled.has_value());
    ASSERT_TRUE(canceled->withdrawn.has_value());
    rig.engine.nudge(*canceled->withdrawn);
    rig.settle();
    ASSERT_EQ(rig.wanted.size(), 1U);
    EXPECT_EQ(rig.wanted[0].delivery, row.id);
}

// What the node is told when another one canceled a delivery, whoever has its lane.
TEST(EngineClaims, DoesNotSendARetryThatAnotherNodeCanceledAndAsksForNoLane) {
    for (const bool is_ours : {true, false}) {
        SCOPED_TRACE(is_ours);
        GrantedRig rig;
        const DeliveryRow row = rig.offered(rig.lane);
        rig.poll();
        rig.end(row.id, 500);
        rig.settle();
        ASSERT_EQ(rig.engine.status(rig.table.time).items, 1U);
        ASSERT_TRUE(cancel_delivery(rig.table, row.id, "manual").has_value());
        if (!is_ours) rig.engine.revoke(rig.lane);
        rig.engine.nudge({.queue = DeliveryQueue::held, .delivery = row.id});
        rig.settle();
        EXPECT_EQ(rig.engine.status(rig.table.time).items, 0U);
        rig.run_for(2h);
        EXPECT_EQ(rig.begun.size(), 1U);
        EXPECT_TRUE(rig.wanted.empty());
    }
}

TEST(EngineClaims, GivesBackALaneWhoseEndpointIsGoneOrUnknown) {
    GrantedRig rig;
    rig.engine.remove_endpoint(rig.lane);
    rig.engine.grant(EndpointId{99}, std::nullopt, rig.table.time);
    rig.settle();
    ASSERT_EQ(rig.given_back.size(), 2U);
    EXPECT_EQ(rig.given_back[0].endpoint, rig.lane);
    EXPECT_EQ(rig.given_back[0].next_due, std::nullopt);
    EXPECT_EQ(rig.given_back[1].endpoint, EndpointId{99});
    EXPECT_GT(rig.given_back[1].next_due, rig.table.time) << "it may be heard of in a moment";
}

TEST(EngineClaims, GivesEverythingBackAtTheEnd) {
    GrantedRig rig;
    const EndpointId busy = rig.add_endpoint(2);
    rig.engine.grant(busy, std::nullopt, rig.table.time);
    rig.settle();
    rig.table.time += 1s;
    rig.offered(busy);
    rig.poll();
    rig.engine.stop();
    const std::vector<GiveBackLane> lanes = rig.engine.give_all_back(rig.table.time);
    ASSERT_EQ(lanes.size(), 2U);
    EXPECT_EQ(lanes[0].next_due, std::nullopt);
    EXPECT_EQ(lanes[1].next_due, rig.table.time) << "its attempt may not come to an end";
    EXPECT_TRUE(rig.engine.ours_after({}, 10).empty());
}

}  // namespace
}  // namespace postern::dispatch
