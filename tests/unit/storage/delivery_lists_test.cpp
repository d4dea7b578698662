#include "tests/unit/storage/delivery_fixture.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

// What an endpoint's lists, counts and gaps are read from.
class DeliveryListsTest : public DeliveryStoreTest {
 protected:
    // Fourteen rows: each of the seven states in turn, twice; and one of another endpoint.
    void SetUp() override {
        StoreTest::SetUp();
        for (std::uint8_t i = 0; i < 14; ++i) {
            rows_.push_back(insert(next_row(static_cast<DeliveryState>(i % 7))));
        }
        DeliveryRow elsewhere = next_row();
        elsewhere.endpoint = kOtherEndpoint;
        insert(elsewhere);
    }
    std::vector<DeliveryRow> of_state(std::optional<DeliveryState> state) const {
        std::vector<DeliveryRow> rows;
        for (const DeliveryRow& row : rows_) {
            if (!state || row.state == *state) rows.push_back(row);
        }
        return rows;
    }
    std::vector<DeliveryRow> all_pages(const DeliveryFilter& filter, Order order) {
        PageRequest<DeliveryId> request{.order = order, .rows_max = 1};
        std::vector<DeliveryRow> rows;
        for (;;) {
            const auto page = list_deliveries(connection(), filter, request);
            EXPECT_TRUE(page.has_value());
            if (!page) return rows;
            rows.insert(rows.end(), page->rows.begin(), page->rows.end());
            if (page->more == Page<DeliveryRow>::More::no) return rows;
            request.after = rows.back().id;
        }
    }

    std::vector<DeliveryRow> rows_;
};

TEST_P(DeliveryListsTest, PageThroughEveryRowOnceInBothOrdersWithAndWithoutAState) {
    std::vector<std::optional<DeliveryState>> states = {std::nullopt};
    for (std::uint8_t i = 0; i < 7; ++i) states.push_back(static_cast<DeliveryState>(i));
    for (const auto& state : states) {
        SCOPED_TRACE(state ? to_text(*state) : "all");
        const DeliveryFilter filter{.endpoint = kEndpoint, .state = state};
        std::vector<DeliveryRow> expected = of_state(state);
        EXPECT_EQ(all_pages(filter, Order::oldest_first), expected);
        std::reverse(expected.begin(), expected.end());
        EXPECT_EQ(all_pages(filter, Order::newest_first), expected);
    }
}

// Each node looks at its own clock, and before it waits for the endpoint's next number.
TEST_P(DeliveryListsTest, ReachEveryRowWhereSequencesDoNotGrowWithIds) {
    const std::int64_t first = next_row().sequence;
    std::vector<DeliveryRow> expected;
    for (const std::int64_t place : {3, 1, 4, 2, 0}) {
        DeliveryRow row = next_row(DeliveryState::dead);
        row.endpoint = kOtherEndpoint;
        row.sequence = first + place;
        expected.push_back(insert(row));
    }
    std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
        return a.sequence < b.sequence;
    });
    DeliveryFilter filter{.endpoint = kOtherEndpoint, .state = DeliveryState::dead};
    EXPECT_EQ(all_pages(filter, Order::oldest_first), expected);
    filter.since = time_of_id(expected.front().id.value) - std::chrono::hours{1};
    EXPECT_EQ(all_pages(filter, Order::oldest_first), expected);
    std::reverse(expected.begin(), expected.end());
    EXPECT_EQ(all_pages(filter, Order::newest_first), expected);
}

TEST_P(DeliveryListsTest, AreBoundedByTheMillisecondOfTheirMaking) {
    const TimePoint made = time_of_id(rows_.front().id.value);
    const TimePoint later = made + std::chrono::milliseconds{1};
    for (const auto state : {std::optional<DeliveryState>{}, std::optional{DeliveryState::dead}}) {
        SCOPED_TRACE(state ? "dead" : "all");
        const auto count = [&](std::optional<TimePoint> since, std::optional<TimePoint> until) {
            const DeliveryFilter filter{
                .endpoint = kEndpoint, .state = state, .since = since, .until = until};
            return all_pages(filter, Order::oldest_first).size();
        };
        const std::size_t all = of_state(state).size();
        EXPECT_EQ(count(made, std::nullopt), all);
        EXPECT_EQ(count(made, later), all);
        EXPECT_EQ(count(later, std::nullopt), 0U);
        EXPECT_EQ(count(std::nullopt, made), 0U);
    }
}

TEST_P(DeliveryListsTest, GoOnAfterARowThatIsOfThatStateNoLonger) {
    const DeliveryFilter filter{.endpoint = kEndpoint, .state = DeliveryState::waiting};
    const auto waiting = of_state(DeliveryState::waiting);
    EXPECT_TRUE(change(delivered(waiting[0])));
    const auto page = list_deliveries(
        connection(), filter, {.after = waiting[0].id, .order = Order::oldest_first}
    );
    EXPECT_EQ(read(page).rows, std::vector{waiting[1]});
    const DeliveryId vanished{waiting[0].id.value - 1};
    const auto after_vanished =
        list_deliveries(connection(), filter, {.after = vanished, .order = Order::oldest_first});
    EXPECT_EQ(read(after_vanished).rows, std::vector{waiting[1]});
}

TEST_P(DeliveryListsTest, CountByState) {
    insert(next_row(DeliveryState::dead));
    insert(next_row(DeliveryState::delivered));
    insert(next_row(DeliveryState::delivered));
    DeliveryRow held = next_row();
    held.queue = DeliveryQueue::held;
    insert(held);
    const TimePoint made = time_of_id(rows_.front().id.value);
    const auto counts = read(count_deliveries(connection(), kEndpoint, made));
    EXPECT_EQ(counts.pending, 3);
    EXPECT_EQ(counts.waiting, 2);
    EXPECT_EQ(counts.delivered, 4);
    EXPECT_EQ(counts.dead, 3);
    EXPECT_EQ(counts.canceled, 2);
    EXPECT_EQ(counts.skipped, 2);
    EXPECT_EQ(counts.superseded, 2);
    const auto later = made + std::chrono::milliseconds{1};
    const auto none = read(count_deliveries(connection(), kEndpoint, later));
    EXPECT_EQ(none.delivered, 0);
    EXPECT_EQ(none.pending, 0);
    const auto elsewhere = read(count_deliveries(connection(), kOtherEndpoint, TimePoint{}));
    EXPECT_EQ(elsewhere.pending, 1);
    EXPECT_EQ(elsewhere.delivered, 0);
}

TEST_P(DeliveryListsTest, TellTheGapsInOrder) {
    const auto sequences = [this](std::int64_t after, std::size_t rows_max) {
        std::vector<std::int64_t> found;
        for (const Gap& gap : read(list_gaps(connection(), {kEndpoint, after, rows_max}))) {
            const DeliveryRow& row = rows_[static_cast<std::size_t>(gap.sequence) - 1];
            EXPECT_EQ(gap.delivery, row.id);
            EXPECT_EQ(gap.event, row.event);
            EXPECT_EQ(gap.state, row.state);
            found.push_back(gap.sequence);
        }
        return found;
    };
    using Sequences = std::vector<std::int64_t>;
    EXPECT_EQ(sequences(0, 100), (Sequences{1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14}));
    EXPECT_EQ(sequences(5, 3), (Sequences{6, 7, 8}));
    EXPECT_EQ(sequences(14, 3), Sequences{});
    EXPECT_TRUE(change(delivered(rows_[6])));
    EXPECT_EQ(sequences(5, 3), (Sequences{6, 8, 9}));
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    DeliveryListsTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
