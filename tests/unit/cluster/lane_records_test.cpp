#include "cluster/lane_records.hpp"

#include "tests/unit/cluster/cluster_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::cluster {
namespace {

using Kind = LaneVerdict::Kind;

constexpr EndpointId kLane{77};
constexpr EndpointId kOther{78};
constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);

class LaneRecordsTest : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!storage::PostgresServer::is_installed()) GTEST_SKIP() << "no PostgreSQL here";
        store_ = std::make_unique<ClusterStore>();
        connection_ = store_->open_side();
        for (const std::int64_t node : {1, 2}) store_->add_node(node);
        for (const EndpointId lane : {kLane, kOther}) store_->add_endpoint(lane);
    }

    std::vector<LaneVerdict> confirm(std::int64_t node, std::vector<EndpointId> lanes) {
        auto verdicts = confirm_lanes(*connection_, {node, lanes});
        EXPECT_TRUE(verdicts.has_value());
        const auto by_endpoint = [](const LaneVerdict& left, const LaneVerdict& right) {
            return left.endpoint < right.endpoint;
        };
        std::sort(verdicts->begin(), verdicts->end(), by_endpoint);
        return std::move(*verdicts);
    }
    void release(std::int64_t node, EndpointId lane) { release(node, HeldLane{lane}); }
    void release(std::int64_t node, const HeldLane& lane) {
        EXPECT_TRUE(release_lanes(*connection_, node, {&lane, 1}).has_value());
    }
    std::vector<EndpointId> unserved(std::vector<EndpointId> endpoints) {
        return *find_unserved(*connection_, endpoints, kNow);
    }

    std::unique_ptr<ClusterStore> store_;
    std::unique_ptr<storage::Connection> connection_;
};

TEST_F(LaneRecordsTest, GivesALaneToTheFirstAndNamesItToTheSecond) {
    EXPECT_EQ(confirm(1, {kLane})[0].kind, Kind::ours);
    const auto verdicts = confirm(2, {kLane, kOther});
    ASSERT_EQ(verdicts.size(), 2U);
    EXPECT_EQ(verdicts[0].kind, Kind::taken);
    EXPECT_EQ(verdicts[0].owner, 1);
    EXPECT_EQ(verdicts[1].kind, Kind::ours);
}

TEST_F(LaneRecordsTest, GivesAGreaterFenceEachTime) {
    const auto first = confirm(1, {kLane})[0];
    const auto again = confirm(1, {kLane})[0];
    EXPECT_EQ(again.kind, Kind::ours);
    EXPECT_GT(again.fence, first.fence);
    release(1, kLane);
    EXPECT_EQ(store_->holder_of(kLane), "nobody");
    EXPECT_GT(confirm(2, {kLane})[0].fence, again.fence);
}

TEST_F(LaneRecordsTest, ReleasesOnlyWhatIsTheNodes) {
    confirm(1, {kLane});
    release(2, kLane);
    EXPECT_EQ(store_->holder_of(kLane), "1");
}

TEST_F(LaneRecordsTest, AReleaseThatComesLateTakesNothingFromTheSameNodeAgain) {
    const auto first = confirm(1, {kLane})[0];
    const HeldLane late{kLane, first.fence};
    release(1, late);
    const auto again = confirm(1, {kLane})[0];
    release(1, late);
    EXPECT_EQ(store_->holder_of(kLane), "1");
    release(1, HeldLane{kLane, again.fence});
    EXPECT_EQ(store_->holder_of(kLane), "nobody");
}

TEST_F(LaneRecordsTest, ReleasesWithoutWaitingForADisk) {
    confirm(1, {kLane});
    const auto side = std::move(*store_->database().open_side());
    static constexpr storage::Sql kModeSql{
        "SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN 0 ELSE 1 END"};
    const auto waits = [&side] {
        auto query = side->query(kModeSql);
        EXPECT_TRUE(query.step().has_value());
        return query.integer(0) != 0;
    };
    ASSERT_TRUE(side->begin().has_value());
    const HeldLane lane{kLane};
    EXPECT_TRUE(release_lanes(*side, 1, {&lane, 1}).has_value());
    EXPECT_FALSE(waits());
    ASSERT_TRUE(side->commit().has_value());
    EXPECT_TRUE(waits()) << "what comes after it does";
    EXPECT_EQ(store_->holder_of(kLane), "nobody");
}

TEST_F(LaneRecordsTest, TakesTheLanesOfANodeWhoseLeaseEndedAndEndsItForGood) {
    const auto before = confirm(1, {kLane})[0];
    store_->end_lease(1);
    const auto verdicts = confirm(2, {kLane});
    ASSERT_EQ(verdicts.size(), 1U);
    EXPECT_EQ(verdicts[0].kind, Kind::ours);
    EXPECT_GT(verdicts[0].fence, before.fence);
    EXPECT_EQ(store_->ask("SELECT lease_until FROM nodes WHERE id = 1").at(0), "0");
}

TEST_F(LaneRecordsTest, TakesTheLanesOfANodeThatIsNoMore) {
    confirm(1, {kLane});
    store_->ask("DELETE FROM nodes WHERE id = 1");
    EXPECT_EQ(confirm(2, {kLane})[0].kind, Kind::ours);
}

TEST_F(LaneRecordsTest, GivesNothingToANodeWithoutALease) {
    store_->end_lease(1);
    EXPECT_EQ(confirm(1, {kLane})[0].kind, Kind::contested);
    EXPECT_EQ(store_->holder_of(kLane), "nobody");
}

TEST_F(LaneRecordsTest, KnowsWhatIsNoEndpoint) {
    EXPECT_EQ(confirm(1, {EndpointId{5}})[0].kind, Kind::gone);
    store_->ask("UPDATE endpoints SET deleted_at = 1 WHERE id = 77");
    EXPECT_EQ(confirm(1, {kLane})[0].kind, Kind::gone);
}

TEST_F(LaneRecordsTest, DoesNotWaitForALaneThatSomebodyIsChanging) {
    confirm(1, {kLane});
    store_->end_lease(1);
    auto locking = std::move(*store_->database().open_side());
    ASSERT_TRUE(locking->begin().has_value());
    static constexpr storage::Sql kLockSql{
        "SELECT endpoint_id FROM lanes WHERE endpoint_id = $1 FOR UPDATE"};
    {
        auto query = locking->query(kLockSql);
        query.bind(kLane.value);
        ASSERT_TRUE(query.step().has_value());
    }
    EXPECT_EQ(confirm(2, {kLane})[0].kind, Kind::contested);
    locking->rollback();
    EXPECT_EQ(confirm(2, {kLane})[0].kind, Kind::ours);
}

TEST_F(LaneRecordsTest, FindsWhatIsDueAndServedByNobodyWhoLives) {
    const std::int64_t now = unix_microseconds(kNow);
    store_->add_endpoint(EndpointId{79});
    store_->add_delivery(kLane, now);
    store_->add_delivery(kOther, now - 5, 1);
    store_->add_delivery(EndpointId{79}, now + 1);
    const std::vector<EndpointId> all{kLane, kOther, EndpointId{79}, EndpointId{80}};
    EXPECT_EQ(unserved(all).size(), 2U);
    confirm(1, {kLane});
    EXPECT_EQ(unserved(all), std::vector{kOther});
    store_->end_lease(1);
    EXPECT_EQ(unserved(all).size(), 2U);
}

TEST_F(LaneRecordsTest, FindsNothingUnservedThatNobodyMaySendTo) {
    constexpr EndpointId kDisabled{79};
    constexpr EndpointId kDeleted{80};
    const std::int64_t now = unix_microseconds(kNow);
    const auto health = [](EndpointId endpoint, std::int64_t not_before) {
        return "INSERT INTO endpoint_health VALUES (" + std::to_string(endpoint.value)
               + ", NULL, 0, " + std::to_string(not_before) + ", 0)";
    };
    for (const EndpointId endpoint : {kDisabled, kDeleted}) store_->add_endpoint(endpoint);
    const std::vector<EndpointId> all{kLane, kOther, kDisabled, kDeleted};
    for (const EndpointId endpoint : all) store_->add_delivery(endpoint, now);
    ASSERT_EQ(unserved(all).size(), 4U);
    store_->ask("UPDATE endpoints SET status = 1 WHERE id = 79");
    store_->ask("UPDATE endpoints SET deleted_at = 1 WHERE id = 80");
    store_->ask(health(kLane, now + 1));
    store_->ask(health(kOther, now));
    EXPECT_EQ(unserved(all), std::vector{kOther}) << "it was left alone until now";
}

TEST_F(LaneRecordsTest, ReadsTheEarliestDueTimesInSlices) {
    store_->add_endpoint(EndpointId{79});
    store_->add_endpoint(EndpointId{80});
    store_->add_delivery(kLane, 500);
    store_->add_delivery(kLane, 400, 1);
    store_->add_delivery(kOther, 600, 2);  // held: waits for another one
    store_->add_delivery(EndpointId{79}, 700);
    store_->ask("INSERT INTO endpoint_health VALUES (79, NULL, 0, 900, 0)");
    store_->add_delivery(EndpointId{80}, 700);
    store_->ask("UPDATE endpoints SET status = 1 WHERE id = 80");
    const auto first = *read_earliest_due(*connection_, {.after = EndpointId{0}, .rows_max = 3});
    ASSERT_EQ(first.size(), 3U);
    EXPECT_EQ(first[0].endpoint, kLane);
    EXPECT_EQ(first[0].due_at, from_unix_microseconds(400));
    EXPECT_FALSE(first[1].due_at.has_value());
    EXPECT_EQ(first[2].due_at, from_unix_microseconds(900)) << "left alone until then";
    const auto rest = *read_earliest_due(*connection_, {EndpointId{79}, 3});
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_FALSE(rest[0].due_at.has_value()) << "a disabled one waits for nothing";
}

}  // namespace
}  // namespace postern::cluster
