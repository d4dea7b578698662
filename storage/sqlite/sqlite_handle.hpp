#pragma once

#include "storage/database.hpp"
#include "storage/sqlite/sqlite_statement.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

struct sqlite3;

namespace postern::storage {

// What a failure means. The errno tells a full disk from a failing one where SQLite does not.
struct SqliteFailure {
    int code = 0;  // extended
    int system_errno = 0;
};
StoreError classify(SqliteFailure failure);

// One open connection with its prepared statements. Hardened the same way for writer and readers.
class SqliteHandle {
 public:
    enum class Access { read_write, read_only };
    static Result<std::unique_ptr<SqliteHandle>, StoreError>
    open(const std::filesystem::path& file, Access access, Poison& poison);
    ~SqliteHandle();
    SqliteHandle(const SqliteHandle&) = delete;
    SqliteHandle& operator=(const SqliteHandle&) = delete;

    SqliteStatement& statement(const Sql& sql);
    SqliteStatement& composed_statement(const std::string& text);
    [[nodiscard]] Result<void, StoreError> run(const Sql& sql);  // no parameters, no rows
    [[nodiscard]] Result<void, StoreError> execute(const std::string& script);

    // Names the failure, logs it, and poisons the store where that is the rule.
    StoreError failure(int code);
    bool is_poisoned() const { return poison_.is_set(); }
    sqlite3* raw() { return connection_; }

 private:
    SqliteHandle(sqlite3* connection, Poison& poison) : connection_{connection}, poison_{poison} {}
    [[nodiscard]] Result<void, StoreError> harden();

    // Filters make a few dozen texts at most; beyond this somebody composes values into them.
    static constexpr std::size_t kComposedMax = 256;

    sqlite3* connection_;
    Poison& poison_;
    std::unordered_map<const Sql*, std::unique_ptr<SqliteStatement>> statements_;
    std::map<std::string, std::unique_ptr<SqliteStatement>, std::less<>> composed_;
};

// A reader: sees committed states only, and can neither write nor checkpoint.
class SqliteReader final : public Connection {
 public:
    explicit SqliteReader(std::unique_ptr<SqliteHandle> handle) : handle_{std::move(handle)} {}

    Statement& statement(const Sql& sql) override { return handle_->statement(sql); }
    Statement& composed_statement(const std::string& text) override {
        return handle_->composed_statement(text);
    }
    Result<void, StoreError> begin_read() override;
    void end_read() noexcept override;

 private:
    std::unique_ptr<SqliteHandle> handle_;
};

}  // namespace postern::storage
