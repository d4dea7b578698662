#include "storage/sqlite/sqlite_handle.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cerrno>

namespace postern::storage {
namespace {

struct Case {
    const char* name;
    SqliteFailure failure;
    StoreError expected;
};

constexpr Case kCases[] = {
    {"a busy store", {SQLITE_BUSY, 0}, StoreError::busy},
    {"a stale snapshot", {SQLITE_BUSY_SNAPSHOT, 0}, StoreError::busy},
    {"a full disk", {SQLITE_FULL, ENOSPC}, StoreError::full},
    {"a unique key", {SQLITE_CONSTRAINT_UNIQUE, 0}, StoreError::constraint},
    {"a failed sync", {SQLITE_IOERR_FSYNC, EIO}, StoreError::poisoned},
    {"a sync that ran out of space", {SQLITE_IOERR_FSYNC, ENOSPC}, StoreError::poisoned},
    {"a failed write", {SQLITE_IOERR_WRITE, EIO}, StoreError::poisoned},
    {"a write over quota", {SQLITE_IOERR_WRITE, EDQUOT}, StoreError::full},
    {"no space for the index", {SQLITE_IOERR_SHMSIZE, ENOSPC}, StoreError::full},
    {"a failing index", {SQLITE_IOERR_SHMSIZE, EIO}, StoreError::poisoned},
    {"a damaged page", {SQLITE_CORRUPT, 0}, StoreError::poisoned},
    {"not a database", {SQLITE_NOTADB, 0}, StoreError::poisoned},
    {"a read-only file system", {SQLITE_READONLY, EROFS}, StoreError::failed},
    {"no memory", {SQLITE_NOMEM, 0}, StoreError::failed},
};

TEST(SqliteFailures, MeanWhatTheStoreMustDo) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(classify(test_case.failure), test_case.expected);
    }
}

}  // namespace
}  // namespace postern::storage
