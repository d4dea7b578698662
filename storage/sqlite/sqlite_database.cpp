#include "storage/sqlite/sqlite_database.hpp"

#include "storage/account_repository.hpp"
#include "storage/open_steps.hpp"
#include "storage/sqlite/data_directory.hpp"
#include "storage/sqlite/sqlite_handle.hpp"
#include "storage/sqlite/sqlite_writer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace postern::storage {
namespace {

constexpr SqlDialect kDialect{.bigint = "INTEGER", .bytes = "BLOB", .table_options = "STRICT"};

class SqliteDatabase final : public Database {
 public:
    SqliteDatabase(SqliteOptions options, DataDirectory directory)
        : options_{std::move(options)},
          directory_{std::move(directory)},
          poison_{options_.on_poison} {}

    Result<void, OpenFailure> open(TimePoint now);

    WriteConnection& writer() override { return *writer_; }
    Result<std::unique_ptr<Connection>, StoreError> open_reader() override;
    const StoreKeys& keys() const override { return keys_; }
    IdGenerator& ids() override { return *ids_; }
    Poison& poison() override { return poison_; }
    std::string description() const override {
        return std::string{"SQLite "} + sqlite3_libversion();
    }

 private:
    Result<void, StoreError> open_writer();
    Result<void, StoreError> load(TimePoint now);

    SqliteOptions options_;
    DataDirectory directory_;  // its lock is released after all connections are closed
    Poison poison_;
    std::unique_ptr<SqliteWriter> writer_;
    StoreKeys keys_;
    std::optional<IdGenerator> ids_;
};

OpenFailure cannot_open(const std::filesystem::path& file, StoreError error) {
    std::string message = "cannot open the store " + file.string() + ": ";
    switch (error) {
        case StoreError::full: message += "the disk is full"; break;
        case StoreError::busy: message += "another program holds it"; break;
        case StoreError::poisoned:
            message += "the disk failed, or it is damaged or no store";
            break;
        case StoreError::constraint:
        case StoreError::failed:
        case StoreError::too_new:
        case StoreError::locked:
        case StoreError::unavailable:
        case StoreError::closed: message += "the database refused; the log says why"; break;
    }
    return {error, std::move(message)};
}

Result<void, OpenFailure> SqliteDatabase::open(TimePoint now) {
    const std::filesystem::path file = directory_.database_file();
    const auto made = directory_.make_database_file();
    if (!made) return made.error();
    const auto opened = open_writer();
    if (!opened) return cannot_open(file, opened.error());
    const auto table = make_migration_table(*writer_, kDialect);
    if (!table) return cannot_open(file, table.error());
    const auto migrated = migrate(*writer_, {options_.migrations, kDialect, now});
    if (!migrated) return migrated.error();
    const auto loaded = load(now);
    if (!loaded) return cannot_open(file, loaded.error());
    // SQLite syncs the directory after it made its log, but does not look whether that worked. The
    // log lives as long as this connection, so once is enough.
    return directory_.sync_names();
}

Result<void, StoreError> SqliteDatabase::open_writer() {
    auto handle =
        SqliteHandle::open(directory_.database_file(), SqliteHandle::Access::read_write, poison_);
    if (!handle) return handle.error();
    writer_ = std::make_unique<SqliteWriter>(std::move(*handle), options_);
    return writer_->configure();
}

Result<void, StoreError> SqliteDatabase::load(TimePoint now) {
    const auto account = ensure_default_account(*writer_, now);
    if (!account) return account.error();
    const auto keys = load_or_make_keys(*writer_);
    if (!keys) return keys.error();
    keys_ = *keys;
    const auto started = writer_->start_ingest(keys_.dedupe);
    if (!started) return started.error();
    const auto last_id = find_last_id(*writer_);
    if (!last_id) return last_id.error();
    ids_.emplace(options_.node, *last_id);
    return {};
}

Result<std::unique_ptr<Connection>, StoreError> SqliteDatabase::open_reader() {
    auto handle =
        SqliteHandle::open(directory_.database_file(), SqliteHandle::Access::read_only, poison_);
    if (!handle) return handle.error();
    sqlite3_busy_timeout((*handle)->raw(), static_cast<int>(options_.limits.busy_timeout.count()));
    const auto configured = (*handle)->execute(
        "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -"
        + std::to_string(options_.limits.reader_cache_bytes / 1024)
    );
    if (!configured) return configured.error();
    return std::unique_ptr<Connection>{std::make_unique<SqliteReader>(std::move(*handle))};
}

// Process-wide, so before the first connection. The count of allocated bytes is a lock in every
// allocation, for a number that nobody asks for.
void configure_library() {
    static std::once_flag once;
    std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

}  // namespace

Result<std::unique_ptr<Database>, OpenFailure>
open_sqlite(SqliteOptions options, const Clock& clock) {
    configure_library();
    auto directory = DataDirectory::open(options.directory);
    if (!directory) return directory.error();
    auto database = std::make_unique<SqliteDatabase>(std::move(options), std::move(*directory));
    const auto opened = database->open(clock.now());
    if (!opened) return opened.error();
    return std::unique_ptr<Database>{std::move(database)};
}

}  // namespace postern::storage
