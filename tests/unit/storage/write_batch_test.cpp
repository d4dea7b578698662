#include "storage/write_batch.hpp"

#include "tests/unit/storage/database_fake.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

using Calls = std::vector<std::string>;

TestUnit::Work answer(Result<void, StoreError> result) {
    return [result](Transaction&) {
        return result;
    };
}

class WriteBatchTest : public ::testing::Test {
 protected:
    WriteBatch::Report run(std::vector<WorkUnit*> units) {
        for (WorkUnit* unit : units) batch_.add(*unit);
        return batch_.run(Room::plenty);
    }
    std::vector<std::optional<StoreError>> errors() const {
        std::vector<std::optional<StoreError>> errors;
        for (const auto& taken : batch_.taken()) errors.push_back(taken.error);
        return errors;
    }
    auto count(const std::string& call) const {
        return std::count(connection_.calls.begin(), connection_.calls.end(), call);
    }

    DatabaseFake database_;
    FixedClock clock_;
    WriteConnectionFake& connection_ = database_.general;
    WriteBatch batch_{
        {.database = database_, .connection = connection_, .clock = clock_, .ingest_steps = {}},
        {.busy_retries_max = 3, .busy_pause_max = std::chrono::milliseconds{1}}};
};

TEST_F(WriteBatchTest, TakesItsTurnBeforeTheFirstUnitThatNeedsOne) {
    TestUnit hot{answer({}), WorkLane::hot};
    TestUnit general{answer({})};
    run({&hot, &general});
    EXPECT_EQ(connection_.calls, (Calls{"begin", "turn", "commit"}));
}

TEST_F(WriteBatchTest, TakesNoTurnForHotUnits) {
    TestUnit hot{answer({}), WorkLane::hot};
    run({&hot});
    EXPECT_EQ(connection_.calls, (Calls{"begin", "commit"}));
}

TEST_F(WriteBatchTest, TakesItsTurnAlsoWhenItRunsApart) {
    TestUnit bad{answer(StoreError::constraint)};
    TestUnit good{answer({})};
    const auto report = run({&bad, &good});
    EXPECT_EQ(report.ways, WriteBatch::Ways::apart);
    const Calls expected = {
        "begin",
        "turn",
        "rollback",
        "begin",
        "turn",
        "savepoint",
        "undo",
        "savepoint",
        "release",
        "commit"};
    EXPECT_EQ(connection_.calls, expected);
}

TEST_F(WriteBatchTest, TriesABusyBatchAgain) {
    connection_.commit_failures = {StoreError::busy, StoreError::busy, StoreError::busy};
    TestUnit unit{answer({})};
    const auto report = run({&unit});
    EXPECT_EQ(unit.runs, 4);
    EXPECT_EQ(report.ways, WriteBatch::Ways::together);
    EXPECT_FALSE(errors()[0].has_value());
}

TEST_F(WriteBatchTest, RunsApartWhatStaysBusy) {
    TestUnit busy{answer(StoreError::busy)};
    TestUnit good{answer({})};
    run({&busy, &good});
    EXPECT_EQ(busy.runs, 5);
    EXPECT_EQ(errors()[0], StoreError::busy);
    EXPECT_FALSE(errors()[1].has_value());
}

TEST_F(WriteBatchTest, TriesNothingAgainThatMayBeCommitted) {
    connection_.commit_failures = {StoreError::unavailable};
    TestUnit unit{answer({})};
    run({&unit});
    EXPECT_EQ(unit.runs, 1);
    EXPECT_EQ(errors()[0], StoreError::unavailable);
}

TEST_F(WriteBatchTest, BeginsAgainWithTheRowsThatItLacked) {
    connection_.held_by_others = {3};
    TestUnit unit{[](Transaction& transaction) -> Result<void, StoreError> {
        auto later = transaction.locks().lock(transaction, std::vector{EndpointId{5}});
        if (!later) return later;
        return transaction.locks().lock(transaction, std::vector{EndpointId{3}});
    }};
    run({&unit});
    EXPECT_FALSE(errors()[0].has_value());
    EXPECT_EQ(unit.runs, 2);
    EXPECT_EQ(connection_.calls.back(), "commit");
    EXPECT_EQ(count("try endpoints"), 1) << "the second time it waits for both, in order";
}

struct TwoRows {
    EndpointId first;
    EndpointId second;
};
// Wants the first of the two too late.
TestUnit::Work lock_late(TwoRows rows) {
    return [rows](Transaction& transaction) -> Result<void, StoreError> {
        auto later = transaction.locks().lock(transaction, std::vector{rows.second});
        if (!later) return later;
        return transaction.locks().lock(transaction, std::vector{rows.first});
    };
}

TEST_F(WriteBatchTest, LocksTheRowsThatItLackedAlsoWhenItRunsApart) {
    connection_.held_by_others = {3, 7};
    TestUnit bad{answer(StoreError::constraint)};
    TestUnit good{lock_late({EndpointId{3}, EndpointId{5}})};
    TestUnit another{lock_late({EndpointId{7}, EndpointId{9}})};
    run({&bad, &good, &another});
    EXPECT_EQ(errors()[0], StoreError::constraint);
    EXPECT_FALSE(errors()[1].has_value());
    EXPECT_FALSE(errors()[2].has_value());
    EXPECT_EQ(good.runs, 2) << "one more run begins with what both of them lacked";
}

class CountingGroup final : public UnitGroup {
 public:
    Result<void, StoreError> run(Transaction&, std::span<WorkUnit* const> units) const override {
        sizes.push_back(units.size());
        for (const WorkUnit* unit : units) {
            if (unit == refused) return StoreError::constraint;
        }
        return {};
    }
    mutable std::vector<std::size_t> sizes;
    const WorkUnit* refused = nullptr;
};

class GroupedUnit final : public WorkUnit {
 public:
    explicit GroupedUnit(const UnitGroup& group) : group_{group} {}
    Result<void, StoreError> run(Transaction&) override {
        ADD_FAILURE() << "its group runs it";
        return StoreError::failed;
    }
    void done(UnitResult) noexcept override {}
    const UnitGroup* group() const noexcept override { return &group_; }

 private:
    const UnitGroup& group_;
};

TEST_F(WriteBatchTest, RunsTheUnitsOfAGroupTogether) {
    const CountingGroup first{};
    const CountingGroup second{};
    GroupedUnit a{first};
    GroupedUnit b{second};
    GroupedUnit c{first};
    run({&a, &b, &c});
    EXPECT_EQ(first.sizes, (std::vector<std::size_t>{2}));
    EXPECT_EQ(second.sizes, (std::vector<std::size_t>{1}));
}

TEST_F(WriteBatchTest, KeepsAFailingUnitOfAGroupFromItsNeighbours) {
    CountingGroup group;
    GroupedUnit good{group};
    GroupedUnit bad{group};
    group.refused = &bad;
    run({&good, &bad});
    EXPECT_EQ(group.sizes, (std::vector<std::size_t>{2, 1, 1}));
    EXPECT_FALSE(errors()[0].has_value());
    EXPECT_EQ(errors()[1], StoreError::constraint);
}

}  // namespace
}  // namespace postern::storage
