#include "storage/api_key_repository.hpp"

#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class ApiKeyRepositoryTest : public StoreTest {
 protected:
    Result<ApiKeyId, StoreError> insert(ApiKeyRow row) {
        Result<ApiKeyId, StoreError> id = StoreError::failed;
        const auto done = in_transaction(*database_, [&](Transaction& transaction) {
            id = insert_api_key(transaction, row);
            return id ? Result<void, StoreError>{} : id.error();
        });
        if (!done) return done.error();
        return id;
    }
    Revoked revoke(ApiKeyId id) {
        Revoked revoked = Revoked::unknown;
        EXPECT_TRUE(in_transaction(*database_, [&](Transaction& transaction) {
                        const auto done = revoke_api_key(transaction, id);
                        if (done) revoked = *done;
                        return done ? Result<void, StoreError>{} : done.error();
                    }).has_value());
        return revoked;
    }
};

ApiKeyRow key_row(std::string key_hash) {
    ApiKeyRow row;
    row.account = kDefaultAccount;
    row.livemode = Livemode::live;
    row.kind = KeyKind::restricted;
    row.key_hash = std::move(key_hash);
    row.hint = "sk_live_...1234";
    row.name = "Reports";
    row.scopes = "payments:read";
    row.plan = "standard";
    return row;
}

TEST_P(ApiKeyRepositoryTest, FindsAKeyByItsHash) {
    const auto id = insert(key_row(std::string{"\0hash", 5}));
    ASSERT_TRUE(id.has_value());
    const auto found = find_api_key(database_->writer(), Blob{{"\0hash", 5}});
    ASSERT_TRUE(found.has_value() && found->has_value());
    ApiKeyRow expected = key_row(std::string{"\0hash", 5});
    expected.id = *id;
    expected.created_at = (*found)->created_at;
    EXPECT_EQ(**found, expected);
    EXPECT_TRUE(holds(find_api_key(database_->writer(), Blob{"other"}), std::optional<ApiKeyRow>{})
    );
}

TEST_P(ApiKeyRepositoryTest, RefusesTheSameHashTwiceAndAnUnknownAccount) {
    ASSERT_TRUE(insert(key_row("hash")).has_value());
    EXPECT_TRUE(fails_with(insert(key_row("hash")), StoreError::constraint));
    ApiKeyRow stray = key_row("another");
    stray.account = AccountId{99};
    EXPECT_TRUE(fails_with(insert(stray), StoreError::constraint));
}

TEST_P(ApiKeyRepositoryTest, RevokesOnce) {
    const auto id = insert(key_row("hash"));
    ASSERT_TRUE(id.has_value());
    EXPECT_EQ(revoke(*id), Revoked::now);
    EXPECT_EQ(revoke(*id), Revoked::before);
    EXPECT_EQ(revoke(ApiKeyId{99}), Revoked::unknown);
    const auto found = find_api_key(database_->writer(), Blob{"hash"});
    ASSERT_TRUE(found.has_value() && found->has_value());
    EXPECT_TRUE((*found)->revoked_at.has_value());
}

TEST_P(ApiKeyRepositoryTest, ListsTheKeysOfOneAccountOrOfAll) {
    ASSERT_TRUE(insert(key_row("a")).has_value());
    ASSERT_TRUE(insert(key_row("b")).has_value());
    EXPECT_EQ(list_api_keys(database_->writer(), std::nullopt)->size(), 2U);
    EXPECT_EQ(list_api_keys(database_->writer(), kDefaultAccount)->size(), 2U);
    EXPECT_EQ(list_api_keys(database_->writer(), AccountId{99})->size(), 0U);
}

TEST_P(ApiKeyRepositoryTest, SaysWhichKeyFollowsAndWhenItWasUsed) {
    ApiKeyRow row = key_row("old");
    row.kind = KeyKind::secret;
    const auto old_id = insert(row);
    row.key_hash = "new";
    const auto new_id = insert(row);
    const ApiKeyFilter owner{.account = kDefaultAccount, .livemode = Livemode::live};
    EXPECT_TRUE(holds(count_lasting_secret_keys(database_->writer(), owner), std::int64_t{2}));
    const TimePoint end = from_unix_seconds(2'000'000'000);
    const TimePoint used = from_unix_seconds(1'700'000'000);
    EXPECT_TRUE(in_transaction(
                    *database_,
                    [&](Transaction& transaction) -> Result<void, StoreError> {
                        const auto done = replace_api_key(
                            transaction, *old_id, {.replaced_by = *new_id, .expires_at = end}
                        );
                        if (!done) return done.error();
                        for (const TimePoint at : {used, used - std::chrono::seconds{5}}) {
                            const auto noted = note_api_key_use(transaction, *old_id, at);
                            if (!noted) return noted.error();
                        }
                        return {};
                    }
    ).has_value());
    const auto found = find_api_key(database_->writer(), *old_id);
    ASSERT_TRUE(found.has_value() && found->has_value());
    EXPECT_EQ((*found)->replaced_by, *new_id);
    EXPECT_EQ((*found)->expires_at, end);
    EXPECT_EQ((*found)->last_used_at, used);
    EXPECT_TRUE(holds(count_lasting_secret_keys(database_->writer(), owner), std::int64_t{1}));
}

TEST_P(ApiKeyRepositoryTest, PagesThroughTheKeysOfOneMode) {
    for (const char* hash : {"a", "b", "c"}) ASSERT_TRUE(insert(key_row(hash)).has_value());
    ApiKeyRow test_key = key_row("d");
    test_key.livemode = Livemode::test;
    ASSERT_TRUE(insert(test_key).has_value());
    const ApiKeyFilter owner{.account = kDefaultAccount, .livemode = Livemode::live};
    const auto first = list_api_key_page(database_->writer(), owner, {.rows_max = 2});
    ASSERT_TRUE(first.has_value());
    ASSERT_EQ(first->rows.size(), 2U);
    EXPECT_EQ(first->more, Page<ApiKeyRow>::More::yes);
    const auto second = list_api_key_page(
        database_->writer(), owner, {.after = first->rows.back().id, .rows_max = 2}
    );
    ASSERT_TRUE(second.has_value());
    ASSERT_EQ(second->rows.size(), 1U);
    EXPECT_EQ(second->rows.front().key_hash, "a");
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    ApiKeyRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
