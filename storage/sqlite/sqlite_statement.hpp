#pragma once

#include "storage/database.hpp"

#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace postern::storage {

class SqliteHandle;

class SqliteStatement final : public Statement {
 public:
    SqliteStatement(SqliteHandle& handle, std::string text);
    ~SqliteStatement() override;
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    void bind_integer(int index, std::int64_t value) override;
    void bind_text(int index, std::string_view value) override;
    void bind_bytes(int index, std::string_view value) override;
    void bind_null(int index) override;
    Result<Step, StoreError> step() override;
    std::int64_t changed_rows() const override;
    bool is_null(int column) const override;
    std::int64_t integer(int column) const override;
    std::string_view text(int column) const override;
    std::string_view bytes(int column) const override;
    void reset() noexcept override;

    // Again when it failed before: what stood in the way then may be gone.
    void prepare_if_needed();

 private:
    void note_bind(int code);

    SqliteHandle& handle_;
    std::string text_;
    sqlite3_stmt* statement_ = nullptr;
    int failure_code_ = 0;  // of preparing or binding: told at the next step
};

}  // namespace postern::storage
