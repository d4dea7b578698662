#include "storage/reader_pool.hpp"

#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <deque>

namespace postern::storage {
namespace {

class TestRead final : public ReadUnit {
 public:
    using Work = std::function<Result<void, StoreError>(Connection&)>;
    explicit TestRead(Work work) : work_{std::move(work)} {}
    Result<void, StoreError> run(Connection& connection) override { return work_(connection); }
    void done(Result<void, StoreError> result) noexcept override { promise_.set_value(result); }
    Result<void, StoreError> wait() { return promise_.get_future().get(); }

 private:
    Work work_;
    std::promise<Result<void, StoreError>> promise_;
};

class ReaderPoolTest : public StoreTest {};

Result<void, StoreError> add_account(Transaction& transaction) {
    const auto inserted = insert_account(transaction, "x");
    if (!inserted) return inserted.error();
    return {};
}

TEST_P(ReaderPoolTest, ReadsWithinOneMoment) {
    auto pool = ReaderPool::open(*database_, {.threads = 2});
    ASSERT_TRUE(pool.has_value());
    std::promise<void> counted;
    std::promise<void> written;
    std::int64_t before = 0;
    std::int64_t after = 0;
    TestRead read{[&](Connection& connection) -> Result<void, StoreError> {
        before = count_rows(connection, "accounts");
        counted.set_value();
        written.get_future().wait();
        after = count_rows(connection, "accounts");
        return {};
    }};
    ASSERT_EQ((*pool)->submit(read), ReadSubmitted::queued);
    counted.get_future().wait();
    ASSERT_TRUE(in_transaction(*database_, add_account).has_value());
    written.set_value();
    EXPECT_TRUE(read.wait().has_value());
    EXPECT_EQ(before, 1);
    EXPECT_EQ(after, 1);
    TestRead later{[&](Connection& connection) -> Result<void, StoreError> {
        after = count_rows(connection, "accounts");
        return {};
    }};
    ASSERT_EQ((*pool)->submit(later), ReadSubmitted::queued);
    EXPECT_TRUE(later.wait().has_value());
    EXPECT_EQ(after, 2);
}

TEST_P(ReaderPoolTest, CannotWrite) {
    auto pool = ReaderPool::open(*database_, {.threads = 1});
    ASSERT_TRUE(pool.has_value());
    TestRead write{[](Connection& connection) -> Result<void, StoreError> {
        auto query = connection.query(std::string{"DELETE FROM accounts"});
        const auto step = query.step();
        if (!step) return step.error();
        return {};
    }};
    ASSERT_EQ((*pool)->submit(write), ReadSubmitted::queued);
    EXPECT_EQ(write.wait().error(), StoreError::failed);
    EXPECT_EQ(count_rows(database_->writer(), "accounts"), 1);
}

TEST_P(ReaderPoolTest, IsBoundedAndFinishesWhatItTook) {
    auto pool = ReaderPool::open(*database_, {.threads = 1, .queue_units_max = 1});
    ASSERT_TRUE(pool.has_value());
    std::promise<void> entered;
    std::promise<void> release;
    TestRead slow{[&](Connection&) -> Result<void, StoreError> {
        entered.set_value();
        release.get_future().wait();
        return {};
    }};
    const auto nothing = [](Connection&) -> Result<void, StoreError> {
        return {};
    };
    TestRead waiting{nothing};
    TestRead refused{nothing};
    ASSERT_EQ((*pool)->submit(slow), ReadSubmitted::queued);
    entered.get_future().wait();
    EXPECT_EQ((*pool)->submit(waiting), ReadSubmitted::queued);
    EXPECT_EQ((*pool)->submit(refused), ReadSubmitted::overloaded);
    release.set_value();
    (*pool)->stop();
    EXPECT_TRUE(slow.wait().has_value());
    EXPECT_TRUE(waiting.wait().has_value());
    EXPECT_EQ((*pool)->submit(refused), ReadSubmitted::closed);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    ReaderPoolTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
