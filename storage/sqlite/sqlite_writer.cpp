#include "storage/sqlite/sqlite_writer.hpp"

#include "core/assert.hpp"
#include "core/log.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string>

namespace postern::storage {
namespace {

constexpr Sql kBeginSql{"BEGIN IMMEDIATE"};
constexpr Sql kBeginReadSql{"BEGIN DEFERRED"};
constexpr Sql kCommitSql{"COMMIT"};
constexpr Sql kRollbackSql{"ROLLBACK"};
constexpr Sql kSavepointSql{"SAVEPOINT unit"};
constexpr Sql kReleaseSql{"RELEASE unit"};
constexpr Sql kRollbackToSql{"ROLLBACK TO unit"};
constexpr Sql kPageSizeSql{"PRAGMA page_size"};
constexpr Sql kJournalModeSql{"PRAGMA journal_mode"};

// Big pages: a webhook's row of 2 to 4 KB shares a page with others instead of spilling over.
constexpr const char* kConfigure =
    "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = FAST;";

// Cutting the log waits for readers; a batch must not wait long for that.
constexpr int kCutPatienceMs = 50;

}  // namespace

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteHandle> handle, const SqliteOptions& options)
    : handle_{std::move(handle)},
      limits_{options.limits},
      disk_{options},
      dedupe_{*handle_, options.limits.dedupe_recent_max} {}

SqliteWriter::~SqliteWriter() {
    if (handle_->is_poisoned()) return;
    // A store at rest is one file. If it fails, the log stays and the next start reads it.
    static_cast<void>(checkpoint(Checkpoint::cut_file));
}

Result<void, StoreError> SqliteWriter::configure() {
    sqlite3_busy_timeout(handle_->raw(), static_cast<int>(limits_.busy_timeout.count()));
    const auto configured = handle_->execute(
        kConfigure + ("PRAGMA cache_size = -" + std::to_string(limits_.writer_cache_bytes / 1024))
    );
    if (!configured) return configured.error();
    const auto settled = read_settings();
    if (!settled) return settled.error();
    sqlite3_wal_hook(handle_->raw(), &SqliteWriter::on_commit, this);
    // If the last process met a failed sync, part of the log may be in memory only, and the kernel
    // believes it is on the disk. Copied into the tables it is written anew and synced as such.
    return checkpoint(Checkpoint::cut_file);
}

Result<void, StoreError> SqliteWriter::start_ingest(SipKey dedupe_key) {
    ingest_.emplace(*handle_, dedupe_, dedupe_key);
    return dedupe_.load();
}

Result<void, StoreError> SqliteWriter::read_settings() {
    Query mode{handle_->statement(kJournalModeSql)};
    const auto mode_step = mode.step();
    if (!mode_step) return mode_step.error();
    if (mode.text(0) != "wal") return StoreError::failed;  // a file system without shared memory
    Query page_size{handle_->statement(kPageSizeSql)};
    const auto page_step = page_size.step();
    if (!page_step) return page_step.error();
    page_bytes_ = page_size.integer(0);
    return {};
}

int SqliteWriter::on_commit(void* self, sqlite3*, const char*, int log_pages) {
    auto& writer = *static_cast<SqliteWriter*>(self);
    if (log_pages < writer.log_pages_) {  // the log began anew
        writer.moved_pages_ = 0;
        writer.cut_refused_pages_ = 0;
    }
    writer.log_pages_ = log_pages;
    return SQLITE_OK;
}

bool SqliteWriter::in_transaction() {
    return sqlite3_get_autocommit(handle_->raw()) == 0;
}

Result<void, StoreError> SqliteWriter::begin_read() {
    return handle_->run(kBeginReadSql);
}

void SqliteWriter::end_read() noexcept {
    rollback();
}

Result<void, StoreError> SqliteWriter::begin() {
    return handle_->run(kBeginSql);
}

Result<void, StoreError> SqliteWriter::commit() {
    auto done = dedupe_.before_commit();
    if (done) done = handle_->run(kCommitSql);
    if (!done) {
        rollback();
        return done.error();
    }
    dedupe_.committed();
    return {};
}

void SqliteWriter::rollback() noexcept {
    dedupe_.rolled_back();
    if (handle_->is_poisoned() || !in_transaction()) return;
    static_cast<void>(handle_->run(kRollbackSql));
    POSTERN_ASSERT(handle_->is_poisoned() || !in_transaction());
}

Result<void, StoreError> SqliteWriter::begin_savepoint() {
    // Outside a transaction a savepoint would open one, and its release would commit.
    if (!in_transaction()) return StoreError::failed;
    dedupe_.begin_savepoint();
    return handle_->run(kSavepointSql);
}

Result<void, StoreError> SqliteWriter::release_savepoint() {
    if (!in_transaction()) return StoreError::failed;
    return handle_->run(kReleaseSql);
}

Result<void, StoreError> SqliteWriter::rollback_savepoint() {
    if (!in_transaction()) return StoreError::failed;
    dedupe_.savepoint_rolled_back();
    const auto undone = handle_->run(kRollbackToSql);
    if (!undone) return undone.error();
    return handle_->run(kReleaseSql);
}

Result<void, StoreError>
SqliteWriter::ingest(Transaction& transaction, std::span<IngestItem* const> items) {
    POSTERN_ASSERT(ingest_.has_value());
    return ingest_->run(transaction, items);
}

Result<void, StoreError> SqliteWriter::execute_script(const std::string& script) {
    return handle_->execute(script);
}

// In a burst the log may grow, since moving pages would make the waiting wait longer; the file is
// kept and written over, because appending to a file costs more in each sync than rewriting it.
Result<void, StoreError> SqliteWriter::keep_house(Load load) {
    if (handle_->is_poisoned()) return StoreError::poisoned;
    const std::int64_t unmoved_bytes = (log_pages_ - moved_pages_) * page_bytes_;
    const std::int64_t log_bytes = (log_pages_ - cut_refused_pages_) * page_bytes_;
    if (log_bytes > limits_.log_bytes_max) return checkpoint(Checkpoint::cut_file);
    const std::int64_t due = load == Load::idle ? limits_.log_bytes_idle : limits_.log_bytes_burst;
    if (unmoved_bytes > due) return checkpoint(Checkpoint::leave_file);
    return {};
}

Result<void, StoreError> SqliteWriter::checkpoint(Checkpoint kind) {
    int log_pages = 0;
    int moved_pages = 0;
    const bool cut = kind == Checkpoint::cut_file;
    sqlite3* connection = handle_->raw();
    if (cut) sqlite3_busy_timeout(connection, kCutPatienceMs);
    const int mode = cut ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    const int code = sqlite3_wal_checkpoint_v2(connection, nullptr, mode, &log_pages, &moved_pages);
    if (cut) sqlite3_busy_timeout(connection, static_cast<int>(limits_.busy_timeout.count()));
    log_pages_ = std::max(0, log_pages);
    moved_pages_ = std::max(0, moved_pages);
    if (code == SQLITE_BUSY) {  // a reader is in the way: a later turn will do
        cut_refused_pages_ = log_pages_;
        return {};
    }
    if (code != SQLITE_OK) return handle_->failure(code);
    return {};
}

}  // namespace postern::storage
