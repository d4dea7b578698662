#include "tests/unit/storage/delivery_fixture.hpp"
#include "tests/unit/storage/hot_queries.hpp"
#include "tests/unit/storage/query_plans.hpp"

namespace postern::storage {
namespace {

class QueryPlanTest : public DeliveryStoreTest {
 protected:
    void SetUp() override {
        StoreTest::SetUp();
        insert(next_row(DeliveryState::dead));
    }
};

// A partial index is left aside without a word when a statement's condition does not imply its own,
// and a sort of a million rows looks like any other answer in a test with ten.
TEST_P(QueryPlanTest, ReadsEachListFromItsIndexWithoutSorting) {
    for (const HotQuery& test_case : hot_queries()) {
        SCOPED_TRACE(test_case.name);
        ListeningConnection listening{connection()};
        test_case.ask(listening);
        ASSERT_FALSE(listening.texts.empty());
        const std::string plan = plan_of(connection(), listening.texts.back());
        EXPECT_NE(plan.find(test_case.sqlite_plan), std::string::npos) << plan;
        EXPECT_EQ(plan.find("SCAN "), std::string::npos) << plan;
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
    }
}

TEST_P(QueryPlanTest, StaysWithTheIndexWhenThereIsABacklog) {
    constexpr std::int64_t kBacklog = 10'000;
    const auto done = in_transaction(*database_, [this](Transaction& transaction) {
        for (std::int64_t i = 0; i < kBacklog; ++i) {
            DeliveryRow row = next_row();
            row.due_at = seconds_later(kBacklog - i);
            const auto inserted = insert_delivery(transaction, row);
            if (!inserted) return Result<void, StoreError>{inserted.error()};
        }
        return Result<void, StoreError>{};
    });
    ASSERT_TRUE(done.has_value());
    ListeningConnection listening{connection()};
    const DueRows due = read(load_due(
        listening, {.endpoint = kEndpoint, .due_until = seconds_later(kBacklog), .rows_max = 64}
    ));
    ASSERT_EQ(due.rows.size(), 64U);
    EXPECT_EQ(due.rows.front().sequence, made_) << "the one that was inserted last is due first";
    EXPECT_EQ(due.next_due, seconds_later(65));
    const std::string plan = plan_of(connection(), listening.texts.back());
    EXPECT_EQ(plan, "SEARCH deliveries USING INDEX deliveries_due (endpoint_id=? AND queue=?)\n");
}

std::vector<Driver> sqlite_only() {
    return {all_drivers().front()};
}
INSTANTIATE_TEST_SUITE_P(Embedded, QueryPlanTest, ::testing::ValuesIn(sqlite_only()), driver_name);

}  // namespace
}  // namespace postern::storage
