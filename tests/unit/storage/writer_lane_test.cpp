#include "storage/writer_lane.hpp"

#include "storage/writer.hpp"
#include "tests/unit/storage/database_fake.hpp"

#include <array>
#include <deque>
#include <optional>
#include <set>
#include <thread>

namespace postern::storage {
namespace {

constexpr std::array kLanes = {WorkLane::general, WorkLane::hot, WorkLane::records};

TestUnit::Work nothing() {
    return [](Transaction&) -> Result<void, StoreError> {
        return {};
    };
}

class WriterLaneTest : public ::testing::Test {
 protected:
    Writer& start(const WriterLimits& limits = {}) {
        writer_.emplace(database_, clock_, WriterOptions{.limits = limits});
        return *writer_;
    }

    DatabaseFake database_;
    FixedClock clock_;
    std::optional<Writer> writer_;
};

TEST_F(WriterLaneTest, RunsHotUnitsWhileAGeneralOneGoesOn) {
    Writer& writer = start();
    Gate gate{writer};
    TestUnit hot{nothing(), WorkLane::hot};
    ASSERT_EQ(writer.submit(hot), Submitted::queued);
    EXPECT_TRUE(hot.wait().has_value());
    EXPECT_EQ(writer.status().queue_units, 1U) << "the one at the gate";
    gate.open();
}

TEST_F(WriterLaneTest, StoresWebhooksWhileRecordsAreWrittenAndTheOtherWayRound) {
    Writer& writer = start();
    constexpr std::array kTwo = {WorkLane::hot, WorkLane::records};
    for (const std::size_t held : {0U, 1U}) {
        Gate gate{writer, kTwo.at(held)};
        TestUnit other{nothing(), kTwo.at(1 - held)};
        ASSERT_EQ(writer.submit(other), Submitted::queued);
        EXPECT_TRUE(other.wait().has_value());
        gate.open();
    }
}

TEST_F(WriterLaneTest, TellsTheAgeOfWebhooksApartFromThatOfRecords) {
    Writer& writer = start();
    Gate gate{writer, WorkLane::records};
    EXPECT_EQ(writer.status().oldest_hot_waiting.count(), 0);
    EXPECT_GT(writer.status().oldest_waiting.count(), 0);
    gate.open();
}

TEST_F(WriterLaneTest, RunsGeneralUnitsWhileAHotOneGoesOn) {
    Writer& writer = start();
    Gate gate{writer, WorkLane::hot};
    TestUnit general{nothing()};
    ASSERT_EQ(writer.submit(general), Submitted::queued);
    EXPECT_TRUE(general.wait().has_value());
    gate.open();
}

TEST_F(WriterLaneTest, LeavesEachLaneItsPartOfTheBound) {
    WriterLimits limits;
    limits.queue_units_max = 4;
    Writer& writer = start(limits);
    std::array hot = {TestUnit{nothing(), WorkLane::hot}, TestUnit{nothing(), WorkLane::hot}};
    TestUnit general{nothing()};
    TestUnit record{nothing(), WorkLane::records};
    {
        Gate first{writer};
        Gate second{writer, WorkLane::hot};
        Gate third{writer, WorkLane::records};
        EXPECT_EQ(writer.submit(general), Submitted::overloaded);
        EXPECT_EQ(writer.submit(record), Submitted::overloaded);
        EXPECT_EQ(writer.submit(hot[0]), Submitted::queued);
        EXPECT_EQ(writer.submit(hot[1]), Submitted::overloaded);
        EXPECT_EQ(writer.status().queue_units, 4U);
        first.open();
        second.open();
        third.open();
    }
    EXPECT_TRUE(hot[0].wait().has_value());
    EXPECT_EQ(writer.status().queue_units, 0U);
}

TEST_F(WriterLaneTest, NumbersTheCommitsOfAllLanes) {
    constexpr std::size_t kUnitsEach = 200;
    Writer& writer = start();
    std::array<std::vector<std::uint64_t>, kLanes.size()> batches;
    std::vector<std::jthread> threads;
    for (const WorkLane lane : kLanes) {
        threads.emplace_back([&writer, lane, &seen = batches[static_cast<std::size_t>(lane)]] {
            for (std::size_t i = 0; i < kUnitsEach; ++i) {
                TestUnit unit{nothing(), lane};
                if (writer.submit(unit) != Submitted::queued) return;
                seen.push_back(unit.wait()->batch());
            }
        });
    }
    threads.clear();
    std::set<std::uint64_t> all;
    for (const auto& numbers : batches) all.insert(numbers.begin(), numbers.end());
    EXPECT_EQ(all.size(), kLanes.size() * kUnitsEach) << "no two have one number";
    EXPECT_EQ(writer.status().commits, kLanes.size() * kUnitsEach);
    EXPECT_EQ(*all.rbegin(), kLanes.size() * kUnitsEach);
}

TEST_F(WriterLaneTest, FinishesAllLanesBeforeItStops) {
    Writer& writer = start();
    std::deque<TestUnit> units;
    std::jthread stopper;
    {
        Gate first{writer};
        Gate second{writer, WorkLane::hot};
        Gate third{writer, WorkLane::records};
        for (std::size_t i = 0; i < 12; ++i) {
            auto& unit = units.emplace_back(nothing(), kLanes.at(i % kLanes.size()));
            ASSERT_EQ(writer.submit(unit), Submitted::queued);
        }
        stopper = std::jthread{[&writer] {
            writer.stop();
        }};
        first.open();
        second.open();
        third.open();
    }
    stopper.join();
    for (TestUnit& unit : units) EXPECT_TRUE(unit.wait().has_value());
    for (const WorkLane lane : kLanes) {
        TestUnit late{nothing(), lane};
        EXPECT_EQ(writer.submit(late), Submitted::closed);
    }
}

TEST_F(WriterLaneTest, AnswersForEachLaneByItself) {
    database_.hot.commit_failures = {StoreError::unavailable};
    Writer& writer = start();
    TestUnit hot{nothing(), WorkLane::hot};
    TestUnit general{nothing()};
    ASSERT_EQ(writer.submit(hot), Submitted::queued);
    ASSERT_EQ(writer.submit(general), Submitted::queued);
    EXPECT_TRUE(fails_with(hot.wait(), StoreError::unavailable));
    EXPECT_TRUE(general.wait().has_value());
    EXPECT_EQ(writer.status().commits, 1U);
}

}  // namespace
}  // namespace postern::storage
