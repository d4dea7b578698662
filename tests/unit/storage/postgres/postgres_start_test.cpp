#include "tests/unit/storage/postgres_store.hpp"

#include <array>
#include <thread>

namespace postern::storage {
namespace {

class PostgresStart : public PostgresStoreTest {
 protected:
    void SetUp() override {
        if (!PostgresServer::is_installed()) GTEST_SKIP() << "PostgreSQL is not installed";
        empty_ = server().make_database();
    }
    void TearDown() override {
        database_.reset();
        if (!empty_.empty()) server().run("DROP DATABASE " + empty_ + " WITH (FORCE)");
    }
    PostgresOptions options(const std::string& user = "postgres") const {
        return {.url = server().url(empty_, user)};
    }
    // May read and write rows, and nothing else.
    void make_role() const {
        static_cast<void>(server().ask(
            "postgres",
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'shop') THEN"
            " CREATE ROLE shop LOGIN; END IF; END $$"
        ));
    }
    void grant() const {
        static_cast<void>(server().ask(
            empty_, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO shop"
        ));
    }
    std::span<const Migration> older() const { return built_in_migrations().first(2); }

    std::string empty_;
};

TEST_F(PostgresStart, MakesTheTablesOnceForManyThatStartTogether) {
    std::array<std::string, 4> complaints;
    std::array<StoreKeys, 4> keys;
    std::vector<std::jthread> nodes;
    for (std::size_t i = 0; i < complaints.size(); ++i) {
        nodes.emplace_back([this, i, &complaints, &keys] {
            const auto opened = open_postgres(options(), clock_);
            if (!opened) complaints[i] = opened.error().message;
            if (opened) keys[i] = (*opened)->keys();
        });
    }
    for (std::jthread& node : nodes) node.join();
    for (const std::string& complaint : complaints) EXPECT_EQ(complaint, "");
    for (const StoreKeys& each : keys) {
        EXPECT_EQ(each.ids.first, keys.front().ids.first);
        EXPECT_EQ(each.dedupe.second, keys.front().dedupe.second);
    }
    const auto names = server().ask(empty_, "SELECT name FROM schema_migrations ORDER BY number");
    EXPECT_EQ(names.size(), built_in_migrations().size());
}

TEST_F(PostgresStart, NeedsNoRightToMakeTablesThatAreThere) {
    make_role();
    ASSERT_TRUE(migrate_postgres(options(), clock_).has_value());
    grant();
    auto opened = open_postgres(options("shop"), clock_);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    database_ = std::move(*opened);
    EXPECT_TRUE(in_transaction(*database_, insert_named("x")).has_value());
}

TEST_F(PostgresStart, SaysWhatToRunWhenTheRoleMayNotMakeTables) {
    make_role();
    const auto without_tables = open_postgres(options("shop"), clock_);
    ASSERT_FALSE(without_tables.has_value());
    EXPECT_NE(without_tables.error().message.find("postern migrate"), std::string::npos)
        << without_tables.error().message;

    PostgresOptions before = options();
    before.migrations = older();
    ASSERT_TRUE(migrate_postgres(before, clock_).has_value());
    grant();
    const auto with_older_ones = open_postgres(options("shop"), clock_);
    ASSERT_FALSE(with_older_ones.has_value());
    EXPECT_NE(with_older_ones.error().message.find("postern migrate"), std::string::npos)
        << with_older_ones.error().message;
}

TEST_F(PostgresStart, SaysWhatIsPendingAndWhatWasApplied) {
    const auto all = list_pending_on_postgres(options());
    ASSERT_TRUE(all.has_value());
    EXPECT_EQ(all->size(), built_in_migrations().size());
    PostgresOptions before = options();
    before.migrations = older();
    ASSERT_TRUE(migrate_postgres(before, clock_).has_value());
    const auto rest = list_pending_on_postgres(options());
    ASSERT_TRUE(rest.has_value());
    ASSERT_EQ(rest->size(), built_in_migrations().size() - older().size());
    EXPECT_EQ(rest->front(), "0003_event_types");
    EXPECT_EQ(migrate_postgres(options(), clock_)->size(), rest->size());
    EXPECT_TRUE(list_pending_on_postgres(options())->empty());
}

TEST_F(PostgresStart, RefusesAStoreOfANewerProgramWhileOneThatRunsGoesOn) {
    PostgresOptions before = options();
    before.migrations = older();
    // The tables of the whole are needed to run at all; the older program knows fewer of them.
    auto opened = open_postgres(options(), clock_);
    ASSERT_TRUE(opened.has_value());
    database_ = std::move(*opened);
    const auto refused = open_postgres(before, clock_);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().error, StoreError::too_new);
    EXPECT_TRUE(in_transaction(*database_, insert_named("x")).has_value());
}

TEST_F(PostgresStart, SortsTextsByTheirBytes) {
    const auto opened = open_postgres(options(), clock_);
    ASSERT_TRUE(opened.has_value());
    const auto other = server().ask(
        empty_,
        "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
    );
    EXPECT_EQ(other.front(), "0");
}

TEST_F(PostgresStart, HasTheServerKeepHouseWhereRowsChangeMost) {
    ASSERT_TRUE(migrate_postgres(options(), clock_).has_value());
    const auto set = server().ask(
        empty_,
        "SELECT relname FROM pg_class WHERE relname IN ('deliveries', 'attempts', 'inbox',"
        " 'events', 'dedupe', 'lanes', 'gateway_orders', 'endpoint_sequences')"
        " AND array_to_string(reloptions, ' ') LIKE '%autovacuum%'"
    );
    EXPECT_EQ(set.size(), 8U);
}

TEST_F(PostgresStart, KeepsToItsNumberOfConnections) {
    PostgresOptions few = options();
    few.limits.connections_max = 4;
    auto opened = open_postgres(few, clock_);
    ASSERT_TRUE(opened.has_value());
    database_ = std::move(*opened);
    {
        const auto fourth = database_->open_reader();
        EXPECT_TRUE(fourth.has_value());
        EXPECT_FALSE(database_->open_side().has_value());
    }
    EXPECT_TRUE(database_->open_side().has_value()) << "the fourth one has gone";
}

TEST_F(PostgresStart, DoesNotCountConnectionsThatNeverCameToBe) {
    PostgresOptions few = options();
    few.limits.connections_max = 4;
    auto opened = open_postgres(few, clock_);
    ASSERT_TRUE(opened.has_value());
    database_ = std::move(*opened);
    const std::string allow = "ALTER DATABASE " + empty_ + " ALLOW_CONNECTIONS ";
    server().run(allow + "false");
    for (int i = 0; i < 3; ++i) {
        const auto refused = database_->open_side();
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error(), StoreError::unavailable);
    }
    server().run(allow + "true");
    EXPECT_TRUE(database_->open_side().has_value());
}

TEST_F(PostgresStart, WaitsForAServerOnlySoLongAndThenSaysWhere) {
    PostgresOptions nowhere{.url = "postgres://shop:secret@/shop?host=/nowhere"};
    nowhere.limits.start_patience = std::chrono::milliseconds{0};
    const auto refused = open_postgres(nowhere, clock_);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().error, StoreError::unavailable);
    EXPECT_NE(refused.error().message.find("database shop at /nowhere"), std::string::npos);
    EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
}

TEST_F(PostgresStart, RefusesADatabaseThatIsNotThereAtOnce) {
    const PostgresOptions missing{.url = server().url("missing")};
    const auto refused = open_postgres(missing, clock_);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("does not exist"), std::string::npos);
}

}  // namespace
}  // namespace postern::storage
