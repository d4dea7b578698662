#include "cluster/leader.hpp"

#include "tests/unit/cluster/cluster_fixture.hpp"

namespace postern::cluster {
namespace {

using storage::StoreError;

// Looks at each turn, as if the time between two looks had passed.
constexpr MembershipTiming kAtOnce{.extend_every = std::chrono::milliseconds{0}};

struct Candidate {
    explicit Candidate(std::unique_ptr<TestNode> with)
        : node{std::move(with)},
          side{node->open_side()},
          leader{
              {.membership = *node->membership, .server_time = read_told_time, .timing = kAtOnce}} {
        EXPECT_TRUE(node->membership->join());
        leader.hold(
            {.name = "background",
             .on_gained = [this] { ++gained; },
             .on_lost =
                 [this] {
                     ++lost;
                 }}
        );
    }

    Result<void, StoreError> check() const {
        storage::TestUnit unit{[this](storage::Transaction& transaction) {
            return leader.check(transaction);
        }};
        EXPECT_EQ(node->writer->submit(unit), storage::Submitted::queued);
        const auto result = unit.wait();
        if (!result) return result.error();
        return {};
    }

    std::unique_ptr<TestNode> node;
    std::unique_ptr<storage::WriteConnection> side;
    int gained = 0;
    int lost = 0;
    Leader leader;
};

using LeaderTest = ClusterTest;

TEST_F(LeaderTest, OneOfTwoLeadsAndTheOtherKnowsWho) {
    Candidate one{make_node("one")};
    Candidate two{make_node("two")};
    EXPECT_TRUE(one.leader.look(*one.side).has_value());
    EXPECT_TRUE(two.leader.look(*two.side).has_value());
    EXPECT_TRUE(one.leader.is_ours());
    EXPECT_FALSE(two.leader.is_ours());
    EXPECT_EQ(one.gained, 1);
    EXPECT_EQ(two.gained, 0);
    EXPECT_EQ(two.leader.holder(), one.node->membership->id());
    EXPECT_TRUE(one.check().has_value());
    EXPECT_TRUE(storage::fails_with(two.check(), StoreError::closed));
}

TEST_F(LeaderTest, AHolderThatWasFrozenChangesNothingWhenItWakes) {
    Candidate frozen{make_node("frozen")};
    Candidate other{make_node("other")};
    EXPECT_TRUE(frozen.leader.look(*frozen.side).has_value());
    pass(std::chrono::milliseconds{10'001});
    EXPECT_TRUE(other.leader.look(*other.side).has_value());
    EXPECT_TRUE(other.leader.is_ours());
    // It has not noticed yet: its own clock stood still.
    EXPECT_TRUE(frozen.leader.is_ours());
    EXPECT_TRUE(storage::fails_with(frozen.check(), StoreError::closed));
    EXPECT_TRUE(frozen.leader.look(*frozen.side).has_value());
    EXPECT_FALSE(frozen.leader.is_ours());
    EXPECT_EQ(frozen.lost, 1);
    EXPECT_EQ(frozen.leader.holder(), 0);
}

TEST_F(LeaderTest, IsOverWithTheMembershipThatWonIt) {
    Candidate one{make_node("one")};
    EXPECT_TRUE(one.leader.look(*one.side).has_value());
    ASSERT_TRUE(one.leader.is_ours());
    pass(std::chrono::milliseconds{10'001});
    EXPECT_TRUE(one.node->membership->keep().has_value());  // joins as another one
    EXPECT_TRUE(one.leader.look(*one.side).has_value());
    EXPECT_EQ(one.lost, 1);
    EXPECT_TRUE(one.leader.look(*one.side).has_value());
    EXPECT_EQ(one.gained, 2);
    EXPECT_TRUE(one.check().has_value());
}

TEST_F(LeaderTest, IsHandedOverWhenItsHolderLeaves) {
    Candidate one{make_node("one")};
    Candidate two{make_node("two")};
    EXPECT_TRUE(one.leader.look(*one.side).has_value());
    EXPECT_TRUE(one.leader.look(*one.side).has_value());  // extends
    EXPECT_TRUE(one.leader.is_ours());
    one.leader.release(*one.side);
    EXPECT_TRUE(two.leader.look(*two.side).has_value());
    EXPECT_TRUE(two.leader.is_ours());
    EXPECT_TRUE(storage::fails_with(one.check(), StoreError::closed));
}

}  // namespace
}  // namespace postern::cluster
