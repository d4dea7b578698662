#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "storage/account_repository.hpp"
#include "storage/event_repository.hpp"
#include "storage/inbox_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <sqlite3.h>

namespace postern::storage {
namespace {

constexpr SqlDialect kDialect{.bigint = "INTEGER", .bytes = "BLOB", .table_options = "STRICT"};

void execute(sqlite3* store, const std::string& sql) {
    EXPECT_EQ(sqlite3_exec(store, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(store);
}

// What the first version left behind: its schema, and a webhook that became an event.
void make_store_of_first_version(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    sqlite3* store = nullptr;
    ASSERT_EQ(sqlite3_open((directory / "postern.db").c_str(), &store), SQLITE_OK);
    const Migration& first = built_in_migrations().front();
    execute(store, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL");
    execute(
        store,
        "CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
        " checksum BLOB NOT NULL, applied_at INTEGER NOT NULL) STRICT"
    );
    execute(store, spell(first.sql, kDialect));
    execute(
        store,
        "INSERT INTO schema_migrations VALUES (1, '0001_base', x'" + to_hex(sha256(first.sql))
            + "', 1)"
    );
    execute(store, "INSERT INTO accounts VALUES (1, 'default', 5)");
    execute(
        store,
        "INSERT INTO inbox VALUES (100, 1, 0, 1, 0, '', NULL, 5, 'evt_1', x'', x'', x'', x'7b7d')"
    );
    execute(
        store, "INSERT INTO events VALUES (200, 1, 0, 1, 1, 100, 'evt_1', 'kind', 5, '{\"id\":1}')"
    );
    EXPECT_EQ(sqlite3_close(store), SQLITE_OK);
}

TEST(MigratedStore, KeepsTheRowsOfTheFirstVersion) {
    const TemporaryDirectory directory;
    const FixedClock clock;
    make_store_of_first_version(directory.path() / "store");
    SqliteOptions options{.directory = directory.path() / "store"};
    options.limits.reserve_bytes = 1 << 20;
    const auto opened = open_sqlite(std::move(options), clock);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    Connection& connection = (*opened)->writer();

    const auto event = read(find_event(connection, EventId{200}));
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->kind, StoredEventKind::unified);
    EXPECT_EQ(event->gateway_event_type, "kind");
    EXPECT_EQ(event->object, R"({"id":1})");
    EXPECT_TRUE(event->own_type.empty() && event->external_id.empty() && event->channels.empty());
    EXPECT_EQ(read(find_inbox(connection, InboxId{100}))->body, "{}");
    const auto accounts = read(list_accounts(connection));
    ASSERT_EQ(accounts.size(), 1U);
    EXPECT_EQ(accounts.front().created_at, from_unix_microseconds(5));
    EXPECT_EQ(accounts.front().updated_at, accounts.front().created_at);
    EXPECT_EQ(accounts.front().metadata, "{}");
    EXPECT_FALSE(accounts.front().parent.has_value());
}

}  // namespace
}  // namespace postern::storage
