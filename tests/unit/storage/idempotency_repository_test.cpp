#include "storage/idempotency_repository.hpp"

#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class IdempotencyRepositoryTest : public StoreTest {
 protected:
    IdempotencyRow row_with(std::string key) const {
        IdempotencyRow row;
        row.account = kDefaultAccount;
        row.key = std::move(key);
        row.request_hash = std::string{"\0hash", 5};
        row.status = 201;
        row.reply = std::string{"\0sealed", 7};
        row.created_at = clock_.now();
        return row;
    }
    void put(const IdempotencyRow& row) {
        ASSERT_TRUE(in_transaction(*database_, [&row](Transaction& transaction) {
                        return put_idempotent_reply(transaction, row);
                    }).has_value());
    }
    std::optional<IdempotencyRow> find(const IdempotencyRow& which) {
        return read(find_idempotent_reply(database_->writer(), which));
    }
};

TEST_P(IdempotencyRepositoryTest, FindsTheReplyOfThatKeyOnly) {
    const IdempotencyRow row = row_with("k");
    put(row);
    EXPECT_EQ(find(row), row);
    for (IdempotencyRow other : {row_with("K"), row_with("k "), row_with("")}) {
        EXPECT_FALSE(find(other).has_value()) << other.key;
    }
    IdempotencyRow live = row;
    live.livemode = Livemode::live;
    EXPECT_FALSE(find(live).has_value());
    IdempotencyRow foreign = row;
    foreign.account = AccountId{9};
    EXPECT_FALSE(find(foreign).has_value());
}

TEST_P(IdempotencyRepositoryTest, PutsANewReplyInThePlaceOfTheOld) {
    put(row_with("k"));
    IdempotencyRow row = row_with("k");
    row.request_hash = "another";
    row.status = 200;
    row.reply = "later";
    row.created_at = clock_.now() + std::chrono::hours{25};
    put(row);
    EXPECT_EQ(find(row), row);
    EXPECT_EQ(count_rows(database_->writer(), "idempotent_replies"), 1);
}

TEST_P(IdempotencyRepositoryTest, ForgetsWhatIsOlderAFewAtATime) {
    constexpr std::int64_t kOld = 300;
    const auto done = in_transaction(*database_, [this](Transaction& transaction) {
        for (std::int64_t i = 0; i < kOld; ++i) {
            const IdempotencyRow row = row_with(std::to_string(i));
            const auto put = put_idempotent_reply(transaction, row);
            if (!put) return put;
        }
        return Result<void, StoreError>{};
    });
    ASSERT_TRUE(done.has_value());
    IdempotencyRow young = row_with("young");
    young.created_at = clock_.now() + std::chrono::seconds{1};
    put(young);
    const auto forget = [this, &young](std::int64_t after) {
        return written(*database_, [&young, after](Transaction& transaction) {
            return forget_idempotent_replies(
                transaction, {.before = young.created_at, .after = after}
            );
        });
    };
    const SweptRows first = forget(0);
    EXPECT_GT(first.rows, 0);
    EXPECT_LT(first.rows, kOld);
    EXPECT_EQ(first.rows + forget(first.reached).rows, kOld);
    EXPECT_EQ(forget(0).rows, 0);
    EXPECT_EQ(find(young), young);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    IdempotencyRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
