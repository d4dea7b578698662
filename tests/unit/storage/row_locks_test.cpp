#include "storage/row_locks.hpp"

#include "tests/unit/storage/database_fake.hpp"

namespace postern::storage {
namespace {

using Calls = std::vector<std::string>;

class RowLocksTest : public ::testing::Test {
 protected:
    // A transaction in the place of the one before, if there was one.
    Transaction& begin() {
        LockNames wanted;
        if (transaction_) wanted = transaction_->locks().lacking();
        connection_.calls.clear();
        transaction_.emplace(Transaction::Parts{connection_, database_.ids(), from_unix_seconds(1)}
        );
        EXPECT_TRUE(transaction_->locks().begin(*transaction_, wanted).has_value());
        return *transaction_;
    }
    bool lock_endpoints(std::vector<EndpointId> ids) {
        return is_locked(transaction_->locks().lock(*transaction_, ids));
    }
    bool lock_deliveries(std::vector<DeliveryId> ids) {
        return is_locked(transaction_->locks().lock(*transaction_, ids));
    }

    DatabaseFake database_;
    WriteConnectionFake& connection_ = database_.hot;
    std::optional<Transaction> transaction_;

 private:
    static bool is_locked(const Result<void, StoreError>& result) {
        EXPECT_TRUE(result.has_value() || result.error() == StoreError::busy);
        return result.has_value();
    }
};

TEST_F(RowLocksTest, WaitsForRowsInTheirOrder) {
    begin();
    connection_.held_by_others = {1, 2, 9};
    EXPECT_TRUE(transaction_->take_turn().has_value());
    EXPECT_TRUE(lock_endpoints({{2}, {1}}));
    EXPECT_TRUE(lock_endpoints({{9}}));
    EXPECT_TRUE(lock_deliveries({{1}}));
    const Calls expected = {
        "turn", "wait for endpoints", "wait for endpoints", "wait for deliveries"};
    EXPECT_EQ(connection_.calls, expected);
}

TEST_F(RowLocksTest, AsksForNoRowTwice) {
    begin();
    EXPECT_TRUE(lock_endpoints({{1}, {2}}));
    EXPECT_TRUE(lock_endpoints({{2}}));
    EXPECT_TRUE(lock_endpoints({}));
    EXPECT_EQ(connection_.calls, Calls{"wait for endpoints"});
}

TEST_F(RowLocksTest, TakesAnEarlierRowOnlyIfNobodyHasIt) {
    begin();
    EXPECT_TRUE(lock_endpoints({{5}}));
    EXPECT_TRUE(lock_endpoints({{3}}));
    connection_.held_by_others = {4};
    EXPECT_FALSE(lock_endpoints({{4}}));
    const Calls expected = {"wait for endpoints", "try endpoints", "try endpoints"};
    EXPECT_EQ(connection_.calls, expected);
}

TEST_F(RowLocksTest, WaitsOnceOnlyForWhatIsNotGivenInTime) {
    begin();
    const LockNames before = transaction_->locks().held();
    EXPECT_TRUE(lock_endpoints({{4}, {5}})) << "that it failed shows later";
    transaction_->locks().distrust_since(before);
    transaction_->locks().undo_to(before);
    connection_.held_by_others = {4};
    EXPECT_FALSE(lock_endpoints({{4}}));
    EXPECT_TRUE(transaction_->locks().lacking().empty()) << "beginning again would not help";
    EXPECT_TRUE(lock_endpoints({{5}}));
    EXPECT_TRUE(lock_endpoints({{6}}));
    const Calls expected = {
        "wait for endpoints", "try endpoints", "try endpoints", "wait for endpoints"};
    EXPECT_EQ(connection_.calls, expected);
}

TEST_F(RowLocksTest, BeginsAgainWithAllThatItLacked) {
    begin();
    EXPECT_TRUE(lock_deliveries({{7}}));
    connection_.held_by_others = {4};
    EXPECT_FALSE(lock_endpoints({{4}}));
    begin();
    EXPECT_EQ(connection_.calls, (Calls{"wait for endpoints", "wait for deliveries"}));
    EXPECT_TRUE(lock_deliveries({{7}}));
    EXPECT_TRUE(lock_endpoints({{4}}));
    EXPECT_EQ(connection_.calls.size(), 2U) << "it has them all";
}

TEST_F(RowLocksTest, TakesATurnBeforeAnythingElseOrBeginsAgain) {
    begin();
    EXPECT_TRUE(lock_endpoints({{1}}));
    EXPECT_TRUE(fails_with(transaction_->take_turn(), StoreError::busy));
    begin();
    EXPECT_EQ(connection_.calls, (Calls{"turn", "wait for endpoints"}));
    EXPECT_TRUE(transaction_->take_turn().has_value());
}

TEST_F(RowLocksTest, LocksAgainWhatASavepointGaveBack) {
    begin();
    LockNames held = transaction_->locks().held();
    EXPECT_TRUE(lock_endpoints({{1}}));
    transaction_->locks().undo_to(std::move(held));
    EXPECT_TRUE(lock_endpoints({{1}}));
    EXPECT_EQ(connection_.calls.size(), 2U);
}

TEST(NumberList, IsWhatAnArrayIsWrittenAs) {
    EXPECT_EQ(number_list(std::vector<std::int64_t>{}), "{}");
    EXPECT_EQ(number_list(std::vector<std::int64_t>{3, -1}), "{3,-1}");
}

}  // namespace
}  // namespace postern::storage
