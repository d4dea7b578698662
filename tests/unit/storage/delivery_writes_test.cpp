#include "storage/delivery_writes.hpp"

#include "storage/delivery_sets.hpp"
#include "tests/unit/storage/delivery_fixture.hpp"

namespace postern::storage {
namespace {

class DeliveryWritesTest : public DeliveryStoreTest {
 protected:
    std::vector<DeliveryRow> insert_all(std::vector<DeliveryRow> rows) {
        const auto ids = written(*database_, [&rows](Transaction& transaction) {
            return insert_deliveries(transaction, rows);
        });
        EXPECT_EQ(ids.size(), rows.size());
        for (std::size_t i = 0; i < ids.size(); ++i) rows[i].id = ids[i];
        return rows;
    }
    void change_all(const std::vector<DeliveryChange>& changes) {
        written(*database_, [&changes](Transaction& transaction) -> Result<bool, StoreError> {
            const auto changed = change_found_deliveries(transaction, changes);
            if (!changed) return changed.error();
            return true;
        });
    }
    void insert_attempts_of(const std::vector<AttemptRow>& rows) {
        written(*database_, [&rows](Transaction& transaction) -> Result<bool, StoreError> {
            const auto inserted = insert_attempts(transaction, rows);
            if (!inserted) return inserted.error();
            return true;
        });
    }
    DeliveryRow find(DeliveryId id) {
        return read(find_delivery(connection(), id)).value_or(DeliveryRow{});
    }
    std::vector<AttemptRow> attempts_of(DeliveryId id) {
        return read(list_attempts(connection(), id));
    }
};

// Quotes and backslashes end nothing, a word that looks like no value is one, and a text may hold
// what is no text.
TEST_P(DeliveryWritesTest, KeepsWhateverARowHolds) {
    DeliveryRow closed = next_row(DeliveryState::skipped);
    closed.reason = "it's \"so\", a\\b {c}";
    DeliveryRow null = next_row(DeliveryState::waiting);
    null.reason = "NULL";
    null.order_key = -7;
    DeliveryRow odd = next_row(DeliveryState::dead);
    odd.reason = std::string{"\0\xff, \n", 5};
    const auto rows = insert_all({closed, null, odd, next_row()});
    for (const DeliveryRow& row : rows) EXPECT_EQ(find(row.id), row);
    EXPECT_TRUE(insert_all({}).empty());
}

TEST_P(DeliveryWritesTest, ChangesEachOfManyWhoseFenceFits) {
    const auto rows = insert_all({next_row(), next_row(), next_row()});
    DeliveryChange waiting = change_of(rows[1]);
    waiting.state = DeliveryState::waiting;
    waiting.queue = DeliveryQueue::retry;
    waiting.reason = "says \"later\"";
    waiting.last_status = 503;
    change_all({delivered(rows[0]), waiting});
    EXPECT_EQ(find(rows[0].id).state, DeliveryState::delivered);
    EXPECT_EQ(find(rows[0].id).finished_at, kNow);
    EXPECT_FALSE(find(rows[0].id).queue.has_value());
    EXPECT_EQ(find(rows[0].id).fence, rows[0].fence + 1);
    EXPECT_EQ(find(rows[1].id).reason, "says \"later\"");
    EXPECT_EQ(find(rows[1].id).last_status, 503);
    EXPECT_EQ(find(rows[2].id), rows[2]);
}

TEST_P(DeliveryWritesTest, ChangesOneTwiceWhenTheSecondCountsOnFromTheFirst) {
    const auto rows = insert_all({next_row(), next_row()});
    DeliveryChange first = change_of(rows[0]);
    first.attempts = 1;
    DeliveryChange second = delivered(rows[0]);
    second.fence = rows[0].fence + 1;
    second.attempts = 2;
    change_all({first, delivered(rows[1]), second});
    EXPECT_EQ(find(rows[0].id).attempts, 2);
    EXPECT_EQ(find(rows[0].id).fence, rows[0].fence + 2);
    EXPECT_EQ(find(rows[1].id).state, DeliveryState::delivered);
}

TEST_P(DeliveryWritesTest, NumbersTheAttemptsOfEachDelivery) {
    DeliveryRow known = next_row();
    known.attempts = 4;
    const auto rows = insert_all({known, next_row()});
    AttemptRow of_known;
    of_known.delivery = rows[0].id;
    of_known.number = 99;
    AttemptRow of_new = of_known;
    of_new.delivery = rows[1].id;
    insert_attempts_of({of_known, of_new, of_known});
    insert_attempts_of({of_known, of_new});
    std::vector<std::int64_t> numbers;
    for (const AttemptRow& row : attempts_of(rows[0].id)) numbers.push_back(row.number);
    EXPECT_EQ(numbers, (std::vector<std::int64_t>{5, 6, 7}));
    EXPECT_EQ(attempts_of(rows[1].id).size(), 2U);
}

TEST_P(DeliveryWritesTest, KeepsTheBytesOfEachAttemptApart) {
    AttemptRow full;
    full.delivery = DeliveryId{7};
    full.started_at = kNow;
    full.phases.total = std::chrono::microseconds{-5};
    full.status = 503;
    full.error = AttemptError::http_5xx;
    full.address = "[2001:db8::1]:443";
    full.response_headers = "retry-after: 5\n";
    full.response_body = std::string{"\0\xff \"body\"", 9};
    full.trace = begin_trace();
    AttemptRow empty;
    empty.delivery = DeliveryId{8};
    empty.started_at = kNow;
    AttemptRow plain = empty;
    plain.delivery = DeliveryId{9};
    plain.response_body = "ok";
    insert_attempts_of({full, empty, plain});
    for (AttemptRow expected : {full, empty, plain}) {
        const auto found = attempts_of(expected.delivery);
        ASSERT_EQ(found.size(), 1U);
        expected.id = found.front().id;
        EXPECT_EQ(found.front(), expected);
    }
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    DeliveryWritesTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
