#include "storage/attempt_repository.hpp"

#include "storage/account_repository.hpp"
#include "storage/delivery_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class AttemptRepositoryTest : public StoreTest {
 protected:
    AttemptId insert(const AttemptRow& row) {
        return written(*database_, [&row](Transaction& transaction) {
            return insert_attempt(transaction, row);
        });
    }
    std::vector<AttemptRow> list(std::int64_t delivery) {
        return read(list_attempts(database_->writer(), DeliveryId{delivery}));
    }
};

TEST_P(AttemptRepositoryTest, KeepsAllThatIsKnownOfATry) {
    using std::chrono::microseconds;
    AttemptRow row;
    row.delivery = DeliveryId{7};
    row.started_at = clock_.now();
    row.phases = {
        microseconds{1},
        microseconds{20},
        microseconds{300},
        microseconds{4'000},
        microseconds{-5}};
    row.trigger = AttemptTrigger::manual;
    row.status = 503;
    row.error = AttemptError::http_5xx;
    row.address = "192.0.2.1:443";
    row.response_headers = "retry-after: 5\n";
    row.response_body = std::string{"\0\xff body", 7};
    row.trace = begin_trace();
    row.id = insert(row);
    EXPECT_EQ(list(7), std::vector{row});
    EXPECT_EQ(read(find_attempt(database_->writer(), row.id)), row);
    EXPECT_FALSE(read(find_attempt(database_->writer(), AttemptId{1})).has_value());
}

TEST_P(AttemptRepositoryTest, NumbersTheTriesOfEachDeliveryWhateverTheRowSays) {
    AttemptRow row;
    std::vector<AttemptId> ids;
    for (const std::int64_t delivery : {7, 8, 7, 7, 8}) {
        row.delivery = DeliveryId{delivery};
        row.number = 99;
        ids.push_back(insert(row));
    }
    const auto of_seven = list(7);
    ASSERT_EQ(of_seven.size(), 3U);
    const std::size_t expected[] = {0, 2, 3};
    for (std::size_t i = 0; i < of_seven.size(); ++i) {
        EXPECT_EQ(of_seven[i].number, static_cast<std::int64_t>(i) + 1);
        EXPECT_EQ(of_seven[i].id, ids[expected[i]]);
    }
    EXPECT_EQ(list(8).size(), 2U);
    EXPECT_TRUE(list(9).empty());
}

// The clock may have gone back while the daemon was away.
TEST_P(AttemptRepositoryTest, NeverGivesAnIdTwiceAcrossARestart) {
    const AttemptId last = insert({.delivery = DeliveryId{7}});
    reopen();
    EXPECT_GT(database_->ids().next(clock_.now() - std::chrono::hours{1}), last.value);
}

TEST_P(AttemptRepositoryTest, ForgetsWhatIsOldOnly) {
    const auto forget = [this](TimePoint before) {
        return written(*database_, [before](Transaction& transaction) {
            return forget_attempts(transaction, {.before = before});
        });
    };
    AttemptRow row;
    row.delivery = DeliveryId{7};
    const AttemptId id = insert(row);
    EXPECT_EQ(forget(time_of_id(id.value)).rows, 0);
    const SweptRows swept = forget(time_of_id(id.value) + std::chrono::seconds{1});
    EXPECT_EQ(swept.rows, 1);
    EXPECT_EQ(swept.reached, id.value);
    EXPECT_TRUE(list(7).empty());
}

TEST_P(AttemptRepositoryTest, CountsOnFromThoseThatWent) {
    DeliveryRow delivery;
    delivery.account = kDefaultAccount;
    delivery.attempts = 4;
    const DeliveryId id = written(*database_, [&delivery](Transaction& transaction) {
        return insert_delivery(transaction, delivery);
    });
    AttemptRow row;
    row.delivery = id;
    insert(row);
    insert(row);
    const std::vector<AttemptRow> rows = list(id.value);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].number, 5);
    EXPECT_EQ(rows[1].number, 6);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    AttemptRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
