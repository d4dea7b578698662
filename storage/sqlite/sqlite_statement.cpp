#include "storage/sqlite/sqlite_statement.hpp"

#include "core/assert.hpp"
#include "core/log.hpp"
#include "storage/sqlite/sqlite_handle.hpp"

#include <sqlite3.h>

#include <utility>

namespace postern::storage {
namespace {

// A null pointer would bind NULL, and an empty view may have one.
const char* data_of(std::string_view value) {
    return value.empty() ? "" : value.data();
}

}  // namespace

SqliteStatement::SqliteStatement(SqliteHandle& handle, std::string text)
    : handle_{handle}, text_{std::move(text)} {}

SqliteStatement::~SqliteStatement() {
    sqlite3_finalize(statement_);
}

void SqliteStatement::prepare_if_needed() {
    if (statement_ != nullptr) return;
    failure_code_ = sqlite3_prepare_v3(
        handle_.raw(),
        text_.c_str(),
        static_cast<int>(text_.size()) + 1,
        SQLITE_PREPARE_PERSISTENT,
        &statement_,
        nullptr
    );
    if (failure_code_ == SQLITE_ERROR) {
        // Only the text is at fault, which holds no values: the program is wrong, and says where.
        log::error("store.statement_refused", {{"reason", sqlite3_errmsg(handle_.raw())}});
    }
}

void SqliteStatement::note_bind(int code) {
    if (code == SQLITE_OK || statement_ == nullptr) return;
    POSTERN_ASSERT(code != SQLITE_RANGE && code != SQLITE_MISUSE);
    failure_code_ = code;
}

void SqliteStatement::bind_integer(int index, std::int64_t value) {
    note_bind(sqlite3_bind_int64(statement_, index, value));
}

void SqliteStatement::bind_text(int index, std::string_view value) {
    note_bind(sqlite3_bind_text64(
        statement_, index, data_of(value), value.size(), SQLITE_STATIC, SQLITE_UTF8
    ));
}

void SqliteStatement::bind_bytes(int index, std::string_view value) {
    note_bind(sqlite3_bind_blob64(statement_, index, data_of(value), value.size(), SQLITE_STATIC));
}

void SqliteStatement::bind_null(int index) {
    note_bind(sqlite3_bind_null(statement_, index));
}

Result<Step, StoreError> SqliteStatement::step() {
    if (handle_.is_poisoned()) return StoreError::poisoned;
    if (failure_code_ != SQLITE_OK) return handle_.failure(failure_code_);
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return Step::row;
    if (code == SQLITE_DONE) return Step::done;
    return handle_.failure(code);
}

std::int64_t SqliteStatement::changed_rows() const {
    return sqlite3_changes64(handle_.raw());
}

bool SqliteStatement::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string_view SqliteStatement::text(int column) const {
    const unsigned char* data = sqlite3_column_text(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return {reinterpret_cast<const char*>(data), data == nullptr ? 0 : size};
}

std::string_view SqliteStatement::bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return {static_cast<const char*>(data), data == nullptr ? 0 : size};
}

void SqliteStatement::reset() noexcept {
    sqlite3_reset(statement_);  // repeats the step's own failure, which was told already
    if (statement_ != nullptr) failure_code_ = SQLITE_OK;
}

}  // namespace postern::storage
