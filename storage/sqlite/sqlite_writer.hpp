#pragma once

#include "storage/sqlite/disk_guard.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "storage/sqlite/sqlite_handle.hpp"
#include "storage/sqlite/sqlite_ingest.hpp"

#include <memory>
#include <optional>

namespace postern::storage {

// The one connection that writes and checkpoints. Debian 12's SQLite 3.40.1 can lose commits when
// one connection checkpoints while another commits, so there is no other that could.
class SqliteWriter final : public WriteConnection {
 public:
    SqliteWriter(std::unique_ptr<SqliteHandle> handle, const SqliteOptions& options);
    ~SqliteWriter() override;

    // Page size, log mode and durability; moves what a predecessor left in the log.
    [[nodiscard]] Result<void, StoreError> configure();
    // Once the schema is there.
    [[nodiscard]] Result<void, StoreError> start_ingest(SipKey dedupe_key);

    Statement& statement(const Sql& sql) override { return handle_->statement(sql); }
    Statement& composed_statement(const std::string& text) override {
        return handle_->composed_statement(text);
    }
    Result<void, StoreError> begin_read() override;
    void end_read() noexcept override;
    Result<void, StoreError> begin() override;
    Result<void, StoreError> commit() override;
    void rollback() noexcept override;
    Result<void, StoreError> begin_savepoint() override;
    Result<void, StoreError> release_savepoint() override;
    Result<void, StoreError> rollback_savepoint() override;
    Result<void, StoreError> ingest(Transaction& transaction, std::span<IngestItem* const> items)
        override;
    Result<InboxId, StoreError> claim(const DedupeClaim& claim) override {
        return dedupe_.claim(claim);
    }
    Result<void, StoreError> execute_script(const std::string& script) override;
    Room room() override { return disk_.room(); }
    void give_up_reserve() noexcept override { disk_.give_up_reserve(); }
    Result<void, StoreError> keep_house(Load load) override;

 private:
    [[nodiscard]] Result<void, StoreError> read_settings();
    enum class Checkpoint { leave_file, cut_file };
    [[nodiscard]] Result<void, StoreError> checkpoint(Checkpoint kind);
    bool in_transaction();
    static int on_commit(void* self, sqlite3* connection, const char* schema, int log_pages);

    std::unique_ptr<SqliteHandle> handle_;
    SqliteLimits limits_;
    DiskGuard disk_;
    DedupeIndex dedupe_;
    std::optional<SqliteIngest> ingest_;
    std::int64_t page_bytes_ = 0;
    std::int64_t log_pages_ = 0;          // in the log now
    std::int64_t moved_pages_ = 0;        // of these, already in the tables' file
    std::int64_t cut_refused_pages_ = 0;  // a reader was in the way when the log was so long
};

}  // namespace postern::storage
