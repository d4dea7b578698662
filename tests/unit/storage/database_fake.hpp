#pragma once

#include "storage/database.hpp"
#include "storage/ingest.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace postern::storage {

// Answers a statement that locks what is free with those of the ids in its one list that nobody
// else holds. Of a statement that waits nobody reads the rows.
class LockingStatement final : public Statement {
 public:
    LockingStatement(std::string text, const std::set<std::int64_t>& held_by_others);

    void bind_integer(int, std::int64_t) override {}
    void bind_text(int index, std::string_view value) override;
    void bind_bytes(int, std::string_view) override {}
    void bind_null(int) override {}
    Result<Step, StoreError> step() override;
    std::int64_t changed_rows() const override { return 0; }
    bool is_null(int) const override { return false; }
    std::int64_t integer(int) const override { return row_; }
    std::string_view text(int) const override { return {}; }
    std::string_view bytes(int) const override { return {}; }
    void reset() noexcept override { rows_.clear(); }

 private:
    std::string text_;
    const std::set<std::int64_t>& held_by_others_;
    std::deque<std::int64_t> rows_;
    std::int64_t row_ = 0;
};

// Writes nothing, tells what it was asked to do, and fails as it is told.
class WriteConnectionFake final : public WriteConnection {
 public:
    Statement& statement(const Sql& sql) override { return composed_statement(sql.text()); }
    Statement& composed_statement(const std::string& text) override;
    Result<void, StoreError> begin_read() override { return {}; }
    void end_read() noexcept override {}

    Result<void, StoreError> begin() override { return note("begin"); }
    Result<void, StoreError> commit() override;
    void rollback() noexcept override { static_cast<void>(note("rollback")); }
    Result<void, StoreError> begin_savepoint() override { return note("savepoint"); }
    Result<void, StoreError> release_savepoint() override { return note("release"); }
    Result<void, StoreError> rollback_savepoint() override { return note("undo"); }
    Result<void, StoreError> ingest(Transaction&, std::span<IngestItem* const>) override {
        return note("ingest");
    }
    Result<InboxId, StoreError> claim(const DedupeClaim&) override { return InboxId{}; }
    Result<void, StoreError> take_turn() override { return note("turn"); }
    Writers writers() const noexcept override { return Writers::many; }
    Result<void, StoreError> execute_script(const std::string&) override { return {}; }
    Room room() override { return Room::plenty; }
    void give_up_reserve() noexcept override {}
    Result<void, StoreError> keep_house(Load) override { return {}; }

    // In order; a lock is named by its statement's last words and its list.
    std::vector<std::string> calls;
    std::deque<StoreError> commit_failures;  // of the next commits
    std::set<std::int64_t> held_by_others;

 private:
    Result<void, StoreError> note(std::string what);

    std::map<std::string, LockingStatement> statements_;
};

// With three lanes.
class DatabaseFake final : public Database {
 public:
    WriteConnection& writer() override { return general; }
    WriteConnection* hot_writer() override { return &hot; }
    WriteConnection* records_writer() override { return &records; }
    Result<std::unique_ptr<Connection>, StoreError> open_reader() override {
        return StoreError::failed;
    }
    const StoreKeys& keys() const override { return keys_; }
    IdGenerator& ids() override { return ids_; }
    Poison& poison() override { return poison_; }
    std::string description() const override { return "a fake"; }

    WriteConnectionFake general;
    WriteConnectionFake hot;
    WriteConnectionFake records;

 private:
    StoreKeys keys_;
    IdGenerator ids_{1, 0};
    Poison poison_{Poison::Listener{}};
};

}  // namespace postern::storage
