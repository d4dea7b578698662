#include "storage/delivery_repository.hpp"

#include "tests/unit/storage/delivery_fixture.hpp"

namespace postern::storage {
namespace {

class DeliveryRepositoryTest : public DeliveryStoreTest {};

TEST_P(DeliveryRepositoryTest, FindsWhatWasInserted) {
    DeliveryRow row = next_row(DeliveryState::dead);
    row.livemode = Livemode::live;
    row.order_key = -7;
    row.due_at = seconds_later(1);
    row.fence = 3;
    row.attempts = 4;
    row.round_attempts = 2;
    row.round_started_at = seconds_later(-9);
    row.trigger = AttemptTrigger::manual;
    row.last_status = 503;
    row.last_error = AttemptError::http_5xx;
    row.reason = "exhausted";
    row = insert(row);
    EXPECT_EQ(read(find_delivery(connection(), row.id)), row);
    EXPECT_EQ(read(find_delivery_of(connection(), {row.event, row.endpoint})), row);
    EXPECT_EQ(read(list_deliveries_of_event(connection(), row.event)), std::vector{row});

    const DeliveryRow open = insert(next_row());
    EXPECT_EQ(read(find_delivery(connection(), open.id)), open);
    EXPECT_FALSE(read(find_delivery(connection(), DeliveryId{1})).has_value());
    const EventAtEndpoint elsewhere{open.event, kOtherEndpoint};
    EXPECT_FALSE(read(find_delivery_of(connection(), elsewhere)).has_value());
}

TEST_P(DeliveryRepositoryTest, NeverHasTwoRowsForOneEventAndEndpoint) {
    const DeliveryRow row = insert(next_row());
    const auto again = in_transaction(*database_, [&row](Transaction& transaction) {
        const auto inserted = insert_delivery(transaction, row);
        return inserted ? Result<void, StoreError>{} : inserted.error();
    });
    EXPECT_TRUE(fails_with(again, StoreError::constraint));
    DeliveryRow elsewhere = row;
    elsewhere.endpoint = kOtherEndpoint;
    elsewhere = insert(elsewhere);
    const std::vector both = {row, elsewhere};
    EXPECT_EQ(read(list_deliveries_of_event(connection(), row.event)), both);
}

TEST_P(DeliveryRepositoryTest, ChangesAllThatAStepChangesAndRaisesTheFence) {
    DeliveryRow row = insert(next_row());
    row.state = DeliveryState::waiting;
    row.queue = DeliveryQueue::retry;
    row.due_at = seconds_later(5);
    row.order_key = 9;
    row.attempts = 1;
    row.round_attempts = 1;
    row.round_started_at = seconds_later(1);
    row.trigger = AttemptTrigger::manual;
    row.last_status = 500;
    row.last_error = AttemptError::http_5xx;
    row.reason = "why";
    EXPECT_TRUE(change(change_of(row)));
    row.fence = 1;
    EXPECT_EQ(read(find_delivery(connection(), row.id)), row);
    EXPECT_TRUE(change(delivered(row)));
    EXPECT_EQ(read(find_delivery(connection(), row.id))->finished_at, kNow);
}

TEST_P(DeliveryRepositoryTest, RefusesAChangeWhoseFenceDoesNotFit) {
    DeliveryRow row = next_row();
    row.fence = 5;
    row = insert(row);
    for (const std::int64_t fence : {0, 4, 6}) {
        SCOPED_TRACE(fence);
        DeliveryChange late = delivered(row);
        late.fence = fence;
        EXPECT_FALSE(change(late));
        EXPECT_EQ(read(find_delivery(connection(), row.id)), row);
    }
    EXPECT_TRUE(change(delivered(row)));
    EXPECT_FALSE(change(delivered(row))) << "the second of two workers comes too late";
    DeliveryChange unknown = delivered(row);
    unknown.id = DeliveryId{1};
    EXPECT_FALSE(change(unknown));
}

TEST_P(DeliveryRepositoryTest, LoadsWhatIsDueInTheOrderOfItsTimeThenItsId) {
    std::vector<DeliveryRow> rows;
    for (const std::int64_t due : {30, 10, 20, 10, 40}) {
        DeliveryRow row = next_row();
        row.due_at = seconds_later(due);
        rows.push_back(insert(row));
    }
    DeliveryRow elsewhere = next_row();
    elsewhere.endpoint = kOtherEndpoint;
    insert(elsewhere);
    insert(next_row(DeliveryState::waiting));
    insert(next_row(DeliveryState::delivered));

    struct Case {
        const char* name;
        std::int64_t until;
        std::size_t rows_max;
        std::vector<std::size_t> expected;
        std::optional<std::int64_t> next_due;
    };
    const Case cases[] = {
        {"nothing yet", 9, 64, {}, 10},
        {"its own moment is included", 10, 64, {1, 3}, 20},
        {"all that is due", 30, 64, {1, 3, 2, 0}, 40},
        {"everything", 50, 64, {1, 3, 2, 0, 4}, std::nullopt},
        {"no more than asked for", 50, 2, {1, 3}, 20},
        {"cut between two of one moment", 50, 1, {1}, 10},
        {"exactly as many as there are", 50, 5, {1, 3, 2, 0, 4}, std::nullopt},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const DueRows due = read(load_due(
            connection(),
            {.endpoint = kEndpoint,
             .queue = DeliveryQueue::fresh,
             .due_until = seconds_later(test_case.until),
             .rows_max = test_case.rows_max}
        ));
        std::vector<DeliveryRow> expected;
        for (const std::size_t i : test_case.expected) expected.push_back(rows[i]);
        EXPECT_EQ(due.rows, expected);
        std::optional<TimePoint> next_due;
        if (test_case.next_due) next_due = seconds_later(*test_case.next_due);
        EXPECT_EQ(due.next_due, next_due);
    }
}

TEST_P(DeliveryRepositoryTest, KnowsTheFirstDueOfEachQueue) {
    DeliveryRow later = next_row();
    later.due_at = seconds_later(9);
    insert(later);
    DeliveryRow first = next_row();
    first.due_at = seconds_later(4);
    first = insert(first);
    insert(next_row(DeliveryState::waiting));
    EXPECT_EQ(read(first_due(connection(), kEndpoint, DeliveryQueue::fresh)), seconds_later(4));
    EXPECT_EQ(read(first_due(connection(), kEndpoint, DeliveryQueue::retry)), kNow);
    EXPECT_FALSE(read(first_due(connection(), kEndpoint, DeliveryQueue::held)).has_value());
    EXPECT_TRUE(change(delivered(first)));
    EXPECT_EQ(read(first_due(connection(), kEndpoint, DeliveryQueue::fresh)), seconds_later(9));
    EXPECT_FALSE(read(first_due(connection(), kOtherEndpoint, DeliveryQueue::fresh)).has_value());
}

TEST_P(DeliveryRepositoryTest, FindsTheFirstOpenAndTheFirstHeldOfAPayment) {
    const KeyAtEndpoint key{kEndpoint, 77};
    const auto insert_of_key = [this](std::int64_t order_key, DeliveryState state) {
        DeliveryRow row = next_row(state);
        row.order_key = order_key;
        return insert(row);
    };
    const auto insert_held = [this](std::int64_t order_key) {
        DeliveryRow row = next_row();
        row.order_key = order_key;
        row.queue = DeliveryQueue::held;
        return insert(row);
    };
    EXPECT_FALSE(read(first_open_of_key(connection(), key)).has_value());
    insert_of_key(77, DeliveryState::dead);
    insert_of_key(78, DeliveryState::pending);
    const DeliveryRow open = insert_of_key(77, DeliveryState::waiting);
    insert_held(78);
    const DeliveryRow held = insert_held(77);
    insert_held(77);
    EXPECT_EQ(read(first_open_of_key(connection(), key)), open);
    EXPECT_EQ(read(first_held_of_key(connection(), key)), held);
    EXPECT_TRUE(change(delivered(open)));
    EXPECT_EQ(read(first_open_of_key(connection(), key)), held);
    const KeyAtEndpoint elsewhere{kOtherEndpoint, 77};
    EXPECT_FALSE(read(first_open_of_key(connection(), elsewhere)).has_value());
    EXPECT_FALSE(read(first_held_of_key(connection(), elsewhere)).has_value());
}

// A node whose clock is late gives a later delivery an earlier id.
TEST_P(DeliveryRepositoryTest, OrdersAPaymentBySequenceWhateverClockMadeItsIds) {
    DeliveryRow later = next_row();
    DeliveryRow earlier = next_row();
    std::swap(later.sequence, earlier.sequence);
    for (DeliveryRow* row : {&later, &earlier}) {
        row->order_key = 77;
        row->queue = DeliveryQueue::held;
        *row = insert(*row);
    }
    const KeyAtEndpoint key{kEndpoint, 77};
    EXPECT_EQ(read(first_open_of_key(connection(), key)), earlier);
    EXPECT_EQ(read(first_held_of_key(connection(), key)), earlier);
    EXPECT_TRUE(change(delivered(later)));
    EXPECT_TRUE(read(has_newer_delivered(connection(), key, earlier.id)));
    EXPECT_FALSE(read(has_newer_delivered(connection(), key, later.id)));
}

TEST_P(DeliveryRepositoryTest, KnowsWhetherANewerEventOfAPaymentArrived) {
    DeliveryRow row = next_row();
    row.order_key = 77;
    const DeliveryRow first = insert(row);
    row = next_row();
    row.order_key = 77;
    const DeliveryRow second = insert(row);
    const KeyAtEndpoint key{kEndpoint, 77};
    EXPECT_FALSE(read(has_newer_delivered(connection(), key, first.id)));
    EXPECT_TRUE(change(delivered(second)));
    EXPECT_TRUE(read(has_newer_delivered(connection(), key, first.id)));
    EXPECT_FALSE(read(has_newer_delivered(connection(), key, second.id)));
    EXPECT_FALSE(read(has_newer_delivered(connection(), {kEndpoint, 78}, first.id)));
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    DeliveryRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
