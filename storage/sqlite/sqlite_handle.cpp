#include "storage/sqlite/sqlite_handle.hpp"

#include "core/assert.hpp"
#include "core/log.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

namespace postern::storage {
namespace {

constexpr Sql kBeginReadSql{"BEGIN DEFERRED"};
constexpr Sql kEndReadSql{"COMMIT"};

bool is_out_of_space(int system_errno) {
    return system_errno == ENOSPC || system_errno == EDQUOT;
}

// What a database file may not do to us even if somebody else wrote it, and what our own SQL may
// not do by mistake. No checkpoint on close: only the writer decides when pages are moved.
constexpr std::pair<int, int> kSwitches[] = {
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_DQS_DDL, 0},
    {SQLITE_DBCONFIG_DQS_DML, 0},
    {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
};

int open_flags(SqliteHandle::Access access) {
    const int shared = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (access == SqliteHandle::Access::read_only) return shared | SQLITE_OPEN_READONLY;
    return shared | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

}  // namespace

StoreError classify(SqliteFailure failure) {
    switch (failure.code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL: return StoreError::busy;
        case SQLITE_FULL: return StoreError::full;
        case SQLITE_CONSTRAINT: return StoreError::constraint;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return StoreError::poisoned;
        case SQLITE_IOERR: break;
        default: return StoreError::failed;
    }
    // The shared index is grown by writing to it, and a quota is refused before anything is
    // written: neither leaves a page that the kernel could have lost.
    const bool before_any_loss =
        failure.code == SQLITE_IOERR_SHMSIZE || failure.code == SQLITE_IOERR_WRITE;
    if (before_any_loss && is_out_of_space(failure.system_errno)) return StoreError::full;
    return StoreError::poisoned;
}

Result<std::unique_ptr<SqliteHandle>, StoreError>
SqliteHandle::open(const std::filesystem::path& file, Access access, Poison& poison) {
    sqlite3* connection = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &connection, open_flags(access), nullptr);
    std::unique_ptr<SqliteHandle> handle{new SqliteHandle{connection, poison}};
    if (code != SQLITE_OK) return handle->failure(code);
    const auto hardened = handle->harden();
    if (!hardened) return hardened.error();
    return handle;
}

SqliteHandle::~SqliteHandle() {
    statements_.clear();
    composed_.clear();
    sqlite3_close_v2(connection_);
}

Result<void, StoreError> SqliteHandle::harden() {
    for (const auto& [option, value] : kSwitches) {
        const int code = sqlite3_db_config(connection_, option, value, nullptr);
        POSTERN_ASSERT(code == SQLITE_OK);
    }
    return execute("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;"
    );
}

SqliteStatement& SqliteHandle::statement(const Sql& sql) {
    auto& slot = statements_[&sql];
    if (!slot) slot = std::make_unique<SqliteStatement>(*this, sql.text());
    slot->prepare_if_needed();
    return *slot;
}

SqliteStatement& SqliteHandle::composed_statement(const std::string& text) {
    if (composed_.size() >= kComposedMax && !composed_.contains(text)) composed_.clear();
    auto& slot = composed_[text];
    if (!slot) slot = std::make_unique<SqliteStatement>(*this, text);
    slot->prepare_if_needed();
    return *slot;
}

Result<void, StoreError> SqliteHandle::run(const Sql& sql) {
    SqliteStatement& prepared = statement(sql);
    const auto step = prepared.step();
    prepared.reset();
    if (!step) return step.error();
    return {};
}

Result<void, StoreError> SqliteHandle::execute(const std::string& script) {
    if (is_poisoned()) return StoreError::poisoned;
    const int code = sqlite3_exec(connection_, script.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failure(code);
    return {};
}

StoreError SqliteHandle::failure(int code) {
    const int system_errno = connection_ == nullptr ? 0 : sqlite3_system_errno(connection_);
    const StoreError error = classify({code, system_errno});
    if (error == StoreError::poisoned) {
        if (!poison_.is_set()) {
            log::error(
                "store.poisoned",
                {{"reason", sqlite3_errstr(code)}, {"code", code}, {"errno", system_errno}}
            );
        }
        poison_.set(sqlite3_errstr(code));
    } else {
        log::warn(
            "store.refused",
            {{"reason", sqlite3_errstr(code)}, {"code", code}, {"errno", system_errno}}
        );
    }
    return error;
}

Result<void, StoreError> SqliteReader::begin_read() {
    return handle_->run(kBeginReadSql);
}

void SqliteReader::end_read() noexcept {
    // Nothing was written, so whatever this answers, there is nothing to lose.
    static_cast<void>(handle_->run(kEndReadSql));
}

}  // namespace postern::storage
