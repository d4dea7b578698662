#include "storage/sqlite/store_copy.hpp"

#include "storage/account_repository.hpp"
#include "storage/sqlite/store_inspection.hpp"
#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class StoreCopyTest : public ::testing::Test {
 protected:
    void SetUp() override {
        SqliteOptions options{.directory = temporary_.path() / "store"};
        options.limits.reserve_bytes = 1 << 20;
        auto opened = open_sqlite(std::move(options), clock_);
        ASSERT_TRUE(opened.has_value());
        database_ = std::move(*opened);
    }
    void add_account(std::string_view name) {
        written(*database_, [name](Transaction& transaction) {
            return insert_account(transaction, name);
        });
    }
    StoreCopyPlan plan() {
        return {
            .from = temporary_.path() / "store",
            .to = temporary_.path() / "copy",
            .on_progress = [](CopyProgress) {
                return CopyGoesOn::yes;
            }};
    }
    std::int64_t accounts_in_copy() {
        const auto opened = inspect_sqlite(temporary_.path() / "copy");
        EXPECT_TRUE(opened.has_value());
        if (!opened) return -1;
        EXPECT_TRUE(read((*opened)->find_damage()).empty());
        return count_rows((*opened)->connection(), "accounts");
    }

    TemporaryDirectory temporary_;
    FixedClock clock_;
    std::unique_ptr<Database> database_;
};

TEST_F(StoreCopyTest, HoldsWhatWasCommittedAndNothingLater) {
    add_account("before");
    StoreCopyPlan wanted = plan();
    CopyProgress last;
    wanted.on_progress = [this, &last](CopyProgress progress) {
        if (last.pages_total == 0) add_account("meanwhile");
        last = progress;
        return CopyGoesOn::yes;
    };
    ASSERT_TRUE(copy_sqlite(wanted, database_->poison()).has_value());
    EXPECT_EQ(last.pages_done, last.pages_total);
    EXPECT_EQ(accounts_in_copy(), 2);
    const auto reader = database_->open_reader();
    ASSERT_TRUE(reader.has_value());
    EXPECT_EQ(count_rows(**reader, "accounts"), 3);
}

TEST_F(StoreCopyTest, IsGivenUpWhenItIsAsked) {
    StoreCopyPlan wanted = plan();
    wanted.on_progress = [](CopyProgress) {
        return CopyGoesOn::no;
    };
    EXPECT_FALSE(copy_sqlite(wanted, database_->poison()).has_value());
    EXPECT_FALSE(database_->poison().is_set());
}

TEST_F(StoreCopyTest, SaysThatThereIsNoStore) {
    StoreCopyPlan wanted = plan();
    wanted.from = temporary_.path() / "elsewhere";
    Poison poison{{}};
    EXPECT_FALSE(copy_sqlite(wanted, poison).has_value());
}

}  // namespace
}  // namespace postern::storage
