#include "storage/account_repository.hpp"

#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class AccountRepositoryTest : public StoreTest {};

TEST_P(AccountRepositoryTest, HasTheDefaultAccountFromTheStart) {
    const auto rows = list_accounts(database_->writer());
    ASSERT_TRUE(rows.has_value());
    ASSERT_EQ(rows->size(), 1U);
    AccountRow expected;
    expected.id = kDefaultAccount;
    expected.name = "default";
    expected.created_at = clock_.now();
    expected.updated_at = clock_.now();
    EXPECT_EQ(rows->front(), expected);
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

class ChildAccountsTest : public StoreTest {
 protected:
    AccountRow row_with(std::string uid) const {
        AccountRow row;
        row.name = "Shop " + uid;
        row.parent = kDefaultAccount;
        row.uid = std::move(uid);
        row.created_at = clock_.now();
        row.updated_at = clock_.now();
        return row;
    }
    AccountRow insert(AccountRow row) {
        row.id = written(*database_, [&row](Transaction& transaction) {
            return insert_child_account(transaction, row);
        });
        return row;
    }
    bool update(const AccountRow& row) {
        return written(*database_, [&row](Transaction& transaction) {
            return update_account(transaction, row);
        });
    }
    Connection& connection() { return database_->writer(); }
};

TEST_P(ChildAccountsTest, AreFoundByIdAndByTheirParentsNameForThem) {
    AccountRow row = row_with("shop-1");
    row.metadata = R"({"plan":"pro"})";
    row = insert(row);
    EXPECT_EQ(read(find_account(connection(), row.id)), row);
    EXPECT_EQ(read(find_account_by_uid(connection(), kDefaultAccount, "shop-1")), row);
    EXPECT_FALSE(read(find_account_by_uid(connection(), row.id, "shop-1")).has_value());
    AccountRow chosen = row_with("");
    chosen.id = AccountId{500};
    EXPECT_EQ(insert(chosen).id, AccountId{500});
    EXPECT_FALSE(read(find_account_by_uid(connection(), kDefaultAccount, "")).has_value());
}

TEST_P(ChildAccountsTest, ShareNoNameWithASiblingThatIsNotDeleted) {
    AccountRow first = insert(row_with("shop"));
    const AccountRow second = row_with("shop");
    const auto refused = in_transaction(*database_, [&second](Transaction& transaction) {
        const auto inserted = insert_child_account(transaction, second);
        return inserted ? Result<void, StoreError>{} : inserted.error();
    });
    EXPECT_TRUE(fails_with(refused, StoreError::constraint));
    AccountRow nephew = row_with("shop");
    nephew.parent = first.id;
    insert(nephew);
    first.deleted_at = clock_.now();
    EXPECT_TRUE(update(first));
    EXPECT_EQ(
        read(find_account_by_uid(connection(), kDefaultAccount, "shop")), insert(row_with("shop"))
    );
}

TEST_P(ChildAccountsTest, ChangeAndAreListedUntilTheyAreDeleted) {
    AccountRow first = insert(row_with("a"));
    const AccountRow second = insert(row_with("b"));
    AccountRow third = insert(row_with("c"));
    third.name = "New";
    third.uid = "d";
    third.metadata = "{}";
    third.updated_at = clock_.now() + std::chrono::seconds{1};
    EXPECT_TRUE(update(third));
    EXPECT_EQ(read(find_account(connection(), third.id)), third);
    const auto list = [this](PageRequest<AccountId> page) {
        return read(list_child_accounts(connection(), kDefaultAccount, page)).rows;
    };
    EXPECT_EQ(list({}), (std::vector{third, second, first}));
    EXPECT_EQ(list({.after = third.id, .rows_max = 1}), std::vector{second});
    first.deleted_at = clock_.now();
    EXPECT_TRUE(update(first));
    EXPECT_EQ(list({.order = Order::oldest_first}), (std::vector{second, third}));
    EXPECT_EQ(read(find_account(connection(), first.id)), first) << "its events still name it";
    first.id = AccountId{99};
    EXPECT_FALSE(update(first));
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    AccountRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);
INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    ChildAccountsTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
