#include "cluster/membership.hpp"

#include "tests/unit/cluster/cluster_fixture.hpp"

#include <future>
#include <thread>
#include <utility>

namespace postern::cluster {
namespace {

using storage::NodeRow;

constexpr std::chrono::milliseconds kBeyondTheLease{10'001};

NodeRow row(std::int64_t number, std::chrono::seconds left) {
    const TimePoint now = storage::FixedClock{}.at;
    return {.id = number + 100, .number = number, .lease_until = now + left};
}

TEST(ChooseNumber, TakesTheLowestThatNobodyHad) {
    const TimePoint now = storage::FixedClock{}.at;
    struct NumberCase {
        const char* name;
        std::vector<NodeRow> nodes;
        unsigned number;
    };
    const NumberCase cases[] = {
        {"the first of all", {}, 0},
        {"beside one that lives", {row(0, std::chrono::seconds{5})}, 1},
        {"into a gap", {row(0, std::chrono::seconds{5}), row(2, std::chrono::seconds{5})}, 1},
        {"rather a new one than a dead one's", {row(0, std::chrono::seconds{-5})}, 1},
    };
    for (const NumberCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(choose_number(test_case.nodes, now), test_case.number);
    }
}

TEST(ChooseNumber, TakesThatOfTheLongestDeadWhenAllWereGiven) {
    const TimePoint now = storage::FixedClock{}.at;
    std::vector<NodeRow> nodes;
    for (std::int64_t i = 0; i < std::int64_t{kNodesMax}; ++i) {
        nodes.push_back(row(i, std::chrono::seconds{5}));
    }
    EXPECT_EQ(choose_number(nodes, now), std::nullopt);
    nodes[7].lease_until = now;
    nodes[9].lease_until = now - std::chrono::seconds{1};
    EXPECT_EQ(choose_number(nodes, now), 9U);
}

using MembershipTest = ClusterTest;

TEST_F(MembershipTest, NodesHaveDifferentNumbersAndKnowEachOther) {
    const auto one = make_node("one");
    const auto two = make_node("two");
    ASSERT_TRUE(one->membership->join());
    ASSERT_TRUE(two->membership->join());
    EXPECT_NE(one->membership->number(), two->membership->number());
    EXPECT_EQ(node_of_id(two->database->ids().next(clock_.at)), two->membership->number());
    EXPECT_EQ(two->membership->live_count(), 2U) << "who joins sees those that are there";
    pass(std::chrono::seconds{3});
    EXPECT_EQ(one->membership->live_count(), 1U);
    EXPECT_TRUE(one->membership->keep().has_value());
    ASSERT_EQ(one->membership->live().size(), 2U);
    two->membership->leave();
    EXPECT_TRUE(one->membership->keep().has_value());
    ASSERT_EQ(one->membership->live().size(), 1U);
    EXPECT_EQ(one->membership->live().front().name, "one");
}

TEST_F(MembershipTest, ALeaseThatIsExtendedGoesOn) {
    const auto node = make_node("one");
    ASSERT_TRUE(node->membership->join());
    const NodeLease before = node->membership->lease();
    for (int i = 0; i < 5; ++i) {
        pass(std::chrono::seconds{9});
        EXPECT_TRUE(node->membership->keep().has_value());
    }
    EXPECT_EQ(node->membership->id(), before.node);
    EXPECT_GT(node->membership->lease_until_steady(), before.until);
}

TEST_F(MembershipTest, ANodeStopsAMomentBeforeItsLeaseEnds) {
    const auto node = make_node("one");
    const MembershipTiming timing;
    const auto latest = [&timing] {
        return std::chrono::steady_clock::now() + timing.lease - timing.margin;
    };
    ASSERT_TRUE(node->membership->join());
    EXPECT_LE(node->membership->lease_until_steady(), latest());
    EXPECT_TRUE(node->membership->keep().has_value());
    EXPECT_LE(node->membership->lease_until_steady(), latest());
}

TEST_F(MembershipTest, ANodeThatWasFrozenTooLongIsAnotherOneAfterwards) {
    const auto frozen = make_node("frozen");
    const auto other = make_node("other");
    ASSERT_TRUE(frozen->membership->join());
    ASSERT_TRUE(other->membership->join());
    const NodeLease before = frozen->membership->lease();
    pass(kBeyondTheLease);
    EXPECT_TRUE(frozen->membership->keep().has_value());
    const NodeLease after = frozen->membership->lease();
    EXPECT_NE(after.node, before.node);
    EXPECT_NE(after.node, 0);
    EXPECT_NE(after.number, before.number);
    EXPECT_EQ(node_of_id(frozen->database->ids().next(clock_.at)), after.number);
    EXPECT_EQ(frozen->membership->live_count(), 1U);
}

TEST_F(MembershipTest, AProcessTakesThePlaceOfTheOneThatDiedWhereItBegins) {
    const auto dead = make_node("one");
    ASSERT_TRUE(dead->membership->join());
    const auto side = dead->open_side();
    const storage::LeaseTerm term{clock_.at, clock_.at + std::chrono::seconds{10}};
    const auto lead = storage::take_lease(*side, {"background", dead->membership->id(), 0}, term);
    ASSERT_TRUE(lead.has_value() && lead->has_value());
    pass(std::chrono::seconds{1});
    const auto heir = make_node("one");
    ASSERT_TRUE(heir->membership->join());
    EXPECT_EQ(heir->membership->id(), dead->membership->id());
    EXPECT_EQ(heir->membership->number(), dead->membership->number());
    const auto left = storage::find_lease(*side, "background");
    ASSERT_TRUE(left.has_value() && left->has_value());
    EXPECT_EQ((*left)->lease_until, told_time()) << "nobody waits for the lead of a dead process";
    EXPECT_TRUE(heir->membership->keep().has_value());
    EXPECT_EQ(heir->membership->live_count(), 1U);
}

TEST_F(MembershipTest, AProcessWhosePlaceWasTakenIsAnotherOneAtItsNextBeat) {
    const auto copied = make_node("one");
    ASSERT_TRUE(copied->membership->join());
    const std::int64_t before = copied->membership->id();
    pass(std::chrono::seconds{1});
    const auto heir = make_node("one");
    ASSERT_TRUE(heir->membership->join());
    EXPECT_TRUE(copied->membership->keep().has_value());
    EXPECT_EQ(heir->membership->id(), before);
    EXPECT_NE(copied->membership->id(), before);
    EXPECT_NE(copied->membership->number(), heir->membership->number());
}

TEST_F(MembershipTest, AnExtensionThatComesWhenTheLeaseHasEndedIsGivenUp) {
    const auto slow = make_node("slow");
    const auto other = make_node("other");
    ASSERT_TRUE(slow->membership->join());
    const NodeLease before = slow->membership->lease();
    pass(std::chrono::seconds{9});
    ASSERT_TRUE(other->membership->join());
    told_delay() = std::chrono::seconds{2};
    EXPECT_TRUE(slow->membership->keep().has_value());
    const NodeLease after = slow->membership->lease();
    EXPECT_NE(after.node, before.node) << "others may have taken over what it stood for";
    EXPECT_NE(after.node, 0);
    EXPECT_NE(after.number, before.number);
    EXPECT_TRUE(other->membership->keep().has_value());
    for (const Member& member : other->membership->live()) EXPECT_NE(member.id, before.node);
}

// Bytes that a network held back arrive when newer ones have been long since.
TEST_F(MembershipTest, AnExtensionThatWasHeldUpShortensNothing) {
    const auto node = make_node("one");
    const auto side = node->open_side();
    ASSERT_TRUE(node->membership->join());
    const TimePoint joined_at = told_time();
    const auto lease_until = [&side] {
        return storage::list_nodes(*side)->at(0).lease_until;
    };
    pass(std::chrono::seconds{5});
    EXPECT_TRUE(node->membership->keep().has_value());
    const TimePoint extended = lease_until();
    EXPECT_GT(extended, joined_at + std::chrono::seconds{10});
    const storage::NodeLife life{.id = node->membership->id(), .started_at = joined_at};
    const storage::LeaseTerm late{.now = joined_at, .until = joined_at + std::chrono::seconds{10}};
    EXPECT_TRUE(storage::holds(storage::extend_node(*side, life, late), true));
    EXPECT_EQ(lease_until(), extended);
}

TEST_F(MembershipTest, AnEndThatWasHeldUpDoesNotEndTheHeir) {
    const auto dead = make_node("one");
    ASSERT_TRUE(dead->membership->join());
    const storage::NodeLife before{.id = dead->membership->id(), .started_at = told_time()};
    pass(std::chrono::seconds{1});
    const auto heir = make_node("one");
    ASSERT_TRUE(heir->membership->join());
    const auto side = heir->open_side();
    EXPECT_TRUE(storage::end_node(*side, before, told_time()).has_value());
    EXPECT_TRUE(heir->membership->keep().has_value());
    EXPECT_EQ(heir->membership->id(), before.id);
}

TEST_F(MembershipTest, AnHeirThatOnlyReceivesKeepsNoLanes) {
    const auto dead = make_node("one");
    ASSERT_TRUE(dead->membership->join());
    const auto side = dead->open_side();
    const auto lanes = [&side] {
        return storage::count_rows(*side, "lanes");
    };
    const std::string id = std::to_string(dead->membership->id());
    auto fill = side->query("INSERT INTO lanes VALUES (1, " + id + ", 1)");
    ASSERT_TRUE(fill.step().has_value());
    const auto heir = make_node("one");
    ASSERT_TRUE(heir->membership->join());
    EXPECT_EQ(lanes(), 1);
    const auto receiver = make_node("one", Member::Delivers::no);
    ASSERT_TRUE(receiver->membership->join());
    EXPECT_EQ(lanes(), 0);
}

TEST_F(MembershipTest, OthersKnowWhoOnlyReceives) {
    const auto one = make_node("one");
    const auto two = make_node("two", Member::Delivers::no);
    ASSERT_TRUE(one->membership->join());
    ASSERT_TRUE(two->membership->join());
    EXPECT_TRUE(one->membership->keep().has_value());
    for (const Member& member : one->membership->live()) {
        const bool is_two = member.id == two->membership->id();
        EXPECT_EQ(member.delivers, is_two ? Member::Delivers::no : Member::Delivers::yes);
    }
    EXPECT_EQ(one->membership->live().size(), 2U);
}

TEST_F(MembershipTest, OnlyARowWhoseLeaseHasEndedIsTakenAway) {
    const auto node = make_node("one");
    ASSERT_TRUE(node->membership->join());
    const TimePoint read_at = told_time();
    struct TakenAway {
        const char* name;
        std::chrono::milliseconds after;
        bool is_gone;
    };
    const TakenAway cases[] = {
        {"one whose lease lasts", std::chrono::milliseconds{9'999}, false},
        {"one whose lease ends at that moment", std::chrono::milliseconds{10'000}, true},
        {"one that is gone", std::chrono::milliseconds{10'000}, false},
    };
    for (const TakenAway& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const TimePoint now = read_at + test_case.after;
        const auto work = [&node, &test_case, now](storage::Transaction& transaction) {
            const auto gone = storage::delete_ended_node(transaction, node->membership->id(), now);
            EXPECT_TRUE(storage::holds(gone, test_case.is_gone));
            return Result<void, storage::StoreError>{};
        };
        EXPECT_TRUE(storage::in_transaction(*node->database, work, clock_.at).has_value());
    }
}

TEST_F(MembershipTest, NobodyJoinsWhenAllNumbersAreTaken) {
    const auto node = make_node("too many");
    const auto side = node->open_side();
    auto fill = side->query(
        "INSERT INTO nodes SELECT n, n, 'x', '', '1', 1, 0, 9000000000000000"
        " FROM generate_series(0, 63) n"
    );
    ASSERT_TRUE(fill.step().has_value());
    const auto joined = node->membership->join();
    ASSERT_FALSE(joined.has_value());
    EXPECT_NE(joined.error().message.find("64 nodes"), std::string::npos);
}

TEST_F(MembershipTest, OldRowsGoWhenSomebodyJoins) {
    const auto first = make_node("first");
    ASSERT_TRUE(first->membership->join());
    first->membership->leave();
    pass(std::chrono::hours{2});
    const auto second = make_node("second");
    ASSERT_TRUE(second->membership->join());
    const auto side = second->open_side();
    EXPECT_EQ(storage::count_rows(*side, "nodes"), 1);
    EXPECT_EQ(second->membership->number(), 1U);
}

TEST_F(MembershipTest, ALeaseIsExtendedWhileAChoreStandsStill) {
    constexpr std::chrono::milliseconds kAtOnce{1};
    const auto node = make_node("one", {.beat_every = kAtOnce, .extend_every = kAtOnce});
    ASSERT_TRUE(node->membership->join());
    const auto until = node->membership->lease_until_steady();
    std::promise<void> done;
    bool was_here = false;
    node->membership->add_chore(
        [&](storage::WriteConnection&) -> Result<void, storage::StoreError> {
            const auto later = until + kAtOnce;
            while (node->membership->lease_until_steady() <= later) std::this_thread::yield();
            if (!std::exchange(was_here, true)) done.set_value();
            return {};
        }
    );
    node->membership->start();
    done.get_future().wait();
    node->membership->leave();
}

TEST_F(MembershipTest, ChoresAreDoneAtEachBeatAndWhenItIsWoken) {
    const auto node = make_node("one");
    ASSERT_TRUE(node->membership->join());
    std::promise<void> done;
    int times = 0;
    node->membership->add_chore(
        [&times, &done, &node](storage::WriteConnection&) -> Result<void, storage::StoreError> {
            ++times;
            if (times == 1) node->membership->wake();
            if (times == 2) done.set_value();
            return {};
        }
    );
    node->membership->start();
    done.get_future().wait();
    node->membership->leave();
}

}  // namespace
}  // namespace postern::cluster
