#include "storage/account_repository.hpp"

#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class AccountRepositoryTest : public StoreTest {};

TEST_P(AccountRepositoryTest, HasTheDefaultAccountFromTheStart) {
    const auto rows = list_accounts(database_->writer());
    ASSERT_TRUE(rows.has_value());
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->front(), (AccountRow{kDefaultAccount, "default", clock_.now()}));
}

TEST_P(AccountRepositoryTest, FindsWhatWasInserted) {
    AccountId id;
    ASSERT_TRUE(in_transaction(*database_, [&](Transaction& transaction) {
                    const auto inserted = insert_account(transaction, "Acme");
                    if (inserted) id = *inserted;
                    return inserted ? Result<void, StoreError>{} : inserted.error();
                }).has_value());
    const auto found = find_account(database_->writer(), id);
    ASSERT_TRUE(found.has_value() && found->has_value());
    EXPECT_EQ((*found)->name, "Acme");
    EXPECT_TRUE(holds(find_account(database_->writer(), AccountId{99}), std::optional<AccountRow>{})
    );
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    AccountRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
