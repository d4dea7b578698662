#include "storage/inbox_repository.hpp"
#include "tests/unit/storage/postgres_store.hpp"

#include <thread>

namespace postern::storage {
namespace {

using namespace std::string_view_literals;

using PgConnection = PostgresStoreTest;

constexpr Sql kInsertSql{
    "INSERT INTO accounts (id, name, created_at, updated_at) VALUES ($1, $2, 0, 0)"};

constexpr Sql kNamesSql{"SELECT name FROM accounts"};
constexpr Sql kCountSql{"SELECT COUNT(*) FROM accounts"};

Result<void, StoreError> insert_with_id(Connection& connection, std::int64_t id) {
    auto query = connection.query(kInsertSql);
    query.bind(id).bind(std::string_view{"made"});
    return query.run();
}

TEST_F(PgConnection, TellsTheFirstFailureOfWhatWasQueuedAtTheCommit) {
    WriteConnection& writer = database_->writer();
    ASSERT_TRUE(writer.begin().has_value());
    EXPECT_TRUE(insert_with_id(writer, 7).has_value());
    EXPECT_TRUE(insert_with_id(writer, 7).has_value()) << "nobody has waited for it";
    EXPECT_TRUE(insert_with_id(writer, 8).has_value());
    EXPECT_TRUE(fails_with(writer.commit(), StoreError::constraint));
    EXPECT_EQ(accounts_named("made"), 0);
}

TEST_F(PgConnection, TellsItToAllThatFollowsUntilTheTransactionEnds) {
    WriteConnection& writer = database_->writer();
    ASSERT_TRUE(writer.begin().has_value());
    EXPECT_TRUE(insert_with_id(writer, 7).has_value());
    EXPECT_TRUE(insert_with_id(writer, 7).has_value());
    EXPECT_TRUE(find_account(writer, kDefaultAccount).has_error());
    EXPECT_TRUE(fails_with(insert_with_id(writer, 9), StoreError::constraint));
    EXPECT_TRUE(fails_with(writer.commit(), StoreError::constraint));
    EXPECT_TRUE(find_account(writer, kDefaultAccount).has_value());
}

TEST_F(PgConnection, TellsItToTheUnitWhoseItWas) {
    WriteConnection& writer = database_->writer();
    ASSERT_TRUE(writer.begin().has_value());
    for (const std::int64_t id : {7, 7, 8}) {
        ASSERT_TRUE(writer.begin_savepoint().has_value());
        EXPECT_TRUE(insert_with_id(writer, id).has_value());
        const auto released = writer.release_savepoint();
        if (!released) {
            EXPECT_TRUE(writer.rollback_savepoint().has_value());
        }
    }
    EXPECT_TRUE(writer.commit().has_value());
    EXPECT_EQ(accounts_named("made"), 2);
}

TEST_F(PgConnection, CountsTheRowsOfEachOfSeveralThatWereQueued) {
    WriteConnection& writer = database_->writer();
    ASSERT_TRUE(writer.begin().has_value());
    for (const std::int64_t id : {7, 8}) ASSERT_TRUE(insert_with_id(writer, id).has_value());
    auto change = writer.query("UPDATE accounts SET name = 'changed' WHERE name = 'made'");
    ASSERT_TRUE(change.run().has_value());
    EXPECT_EQ(change.changed_rows(), 2);
    EXPECT_TRUE(writer.commit().has_value());
}

TEST_F(PgConnection, GivesTheRowsOfAQueuedQuestionWhenTheyAreWanted) {
    WriteConnection& writer = database_->writer();
    ASSERT_TRUE(writer.begin().has_value());
    auto early = writer.query(kNamesSql);
    ASSERT_TRUE(early.run().has_value());
    ASSERT_TRUE(insert_with_id(writer, 7).has_value());
    auto late = writer.query(kCountSql);
    ASSERT_EQ(*late.step(), Step::row);
    std::int64_t names = 0;
    while (*early.step() == Step::row) ++names;
    EXPECT_EQ(names + 1, late.integer(0));
    EXPECT_TRUE(writer.commit().has_value());
}

TEST_F(PgConnection, IsBusyWhenALockIsNotGivenInTime) {
    limits_.lock_timeout = std::chrono::milliseconds{20};
    open();
    WriteConnection& hot = *database_->hot_writer();
    ASSERT_TRUE(hot.begin().has_value());
    ASSERT_TRUE(hot.take_turn().has_value());
    ASSERT_TRUE(find_account(hot, kDefaultAccount).has_value()) << "it is on the server";
    const auto turn = [](Transaction& transaction) {
        return transaction.connection().take_turn();
    };
    EXPECT_TRUE(fails_with(in_transaction(*database_, turn), StoreError::busy));
    hot.rollback();
    EXPECT_TRUE(in_transaction(*database_, turn).has_value());
}

TEST_F(PgConnection, GivesUpItsLocksWhenItsOwnerStandsStill) {
    limits_.idle_in_transaction_timeout = std::chrono::milliseconds{1'000};
    open();
    WriteConnection& hot = *database_->hot_writer();
    ASSERT_TRUE(hot.begin().has_value());
    ASSERT_TRUE(hot.take_turn().has_value());
    ASSERT_TRUE(find_account(hot, kDefaultAccount).has_value()) << "it is on the server";
    const auto turn = [](Transaction& transaction) {
        return transaction.connection().take_turn();
    };
    EXPECT_TRUE(in_transaction(*database_, turn).has_value());
    EXPECT_TRUE(fails_with(hot.commit(), StoreError::unavailable));
}

TEST_F(PgConnection, KeepsNoLocksForLongerThanANodesLease) {
    auto query = database_->writer().query(
        "SELECT CAST(setting AS BIGINT) FROM pg_settings"
        " WHERE name = 'idle_in_transaction_session_timeout'"
    );
    ASSERT_TRUE(query.step().has_value());
    EXPECT_LE(query.integer(0), 5'000);
}

TEST_F(PgConnection, WaitsLessForLocksInTheHotLane) {
    const auto lock_timeout = [](Connection& connection) {
        auto query = connection.query(
            "SELECT CAST(setting AS BIGINT) FROM pg_settings WHERE name = 'lock_timeout'"
        );
        EXPECT_TRUE(query.step().has_value());
        return query.integer(0);
    };
    EXPECT_EQ(lock_timeout(database_->writer()), 5'000);
    EXPECT_EQ(lock_timeout(*database_->hot_writer()), 1'500);
}

TEST_F(PgConnection, IsNotToBeAskedAgainAtOnceWhenAStatementTakesTooLong) {
    limits_.statement_timeout = std::chrono::milliseconds{1'000};
    open();
    auto query = database_->writer().query("SELECT 1 FROM pg_sleep(60)");
    const auto step = query.step();
    ASSERT_TRUE(step.has_error());
    EXPECT_EQ(step.error(), StoreError::unavailable) << "whoever tries again waits as long again";
}

TEST_F(PgConnection, IsBusyWhenTwoWaitForOneAnother) {
    WriteConnection& general = database_->writer();
    WriteConnection& hot = *database_->hot_writer();
    ASSERT_TRUE(in_transaction(*database_, insert_named("a")).has_value());
    const auto lock = [](Connection& connection, const std::string& name) {
        auto query = connection.query("SELECT id FROM accounts WHERE name = $1 FOR UPDATE");
        query.bind(std::string_view{name});
        return query.step().has_value();
    };
    ASSERT_TRUE(in_transaction(*database_, insert_named("b")).has_value());
    ASSERT_TRUE(general.begin().has_value());
    ASSERT_TRUE(hot.begin().has_value());
    ASSERT_TRUE(lock(general, "a"));
    ASSERT_TRUE(lock(hot, "b"));
    bool general_got_it = false;
    std::jthread other{[&general, &general_got_it, lock] {
        general_got_it = lock(general, "b");
        general.rollback();
    }};
    const bool hot_got_it = lock(hot, "a");
    hot.rollback();
    other.join();
    EXPECT_NE(general_got_it, hot_got_it) << "the server lets one of them go on";
}

TEST_F(PgConnection, KeepsTextsThatTheServerWouldRefuse) {
    const std::string name{"a\0b\xFF\xF4\x8F\xBC\x80"sv};
    const AccountId id = written(*database_, [&name](Transaction& transaction) {
        return insert_account(transaction, name);
    });
    const auto found = find_account(database_->writer(), id);
    ASSERT_TRUE(found.has_value() && found->has_value());
    EXPECT_EQ((*found)->name, name);
}

TEST_F(PgConnection, KeepsBigBodiesAndWhatIsNoText) {
    const std::string body(std::size_t{1} << 20, '\0');
    IngestRequest request = request_with({payment_event("evt\0_1"sv)}, body);
    request.headers = "x: \xFF\0"sv;
    request.reason = "\0"sv;
    IngestItem item{request, {}};
    const auto stored = in_transaction(*database_, [&item](Transaction& transaction) {
        IngestItem* items[] = {&item};
        return transaction.connection().ingest(transaction, items);
    });
    ASSERT_TRUE(stored.has_value());
    const auto row = find_inbox(database_->writer(), item.outcome.inbox);
    ASSERT_TRUE(row.has_value() && row->has_value());
    EXPECT_EQ((*row)->body, body);
    EXPECT_EQ((*row)->headers, request.headers);
    EXPECT_EQ((*row)->gateway_event_id, "evt\0_1"sv);
    EXPECT_EQ((*row)->reason, request.reason);
}

TEST_F(PgConnection, ForgetsTheTextsThatWereNotUsedLongest) {
    auto& writer = database_->writer();
    for (int i = 0; i < 600; ++i) {
        auto query = writer.query("SELECT " + std::to_string(i));
        ASSERT_TRUE(query.step().has_value());
        ASSERT_EQ(query.integer(0), i);
    }
    ASSERT_TRUE(in_transaction(*database_, insert_named("x")).has_value());
    auto count = writer.query("SELECT COUNT(*) FROM pg_prepared_statements");
    ASSERT_TRUE(count.step().has_value());
    EXPECT_LT(count.integer(0), 300);
}

TEST_F(PgConnection, PreparesAgainWhenAValueComesWhereThereWasNone) {
    auto& writer = database_->writer();
    const std::string text = "SELECT COALESCE($1, 7)";
    {
        auto first = writer.query(text);
        first.bind(std::nullopt);
        ASSERT_TRUE(first.step().has_value());
        EXPECT_EQ(first.integer(0), 7);
    }
    auto second = writer.query(text);
    second.bind(std::int64_t{1} << 40);
    ASSERT_TRUE(second.step().has_value());
    EXPECT_EQ(second.integer(0), std::int64_t{1} << 40);
}

}  // namespace
}  // namespace postern::storage
