#include "tests/unit/storage/sqlite/faulty_vfs.hpp"

#include <sqlite3.h>

#include <array>
#include <cerrno>
#include <mutex>

namespace postern::storage {
namespace {

// The system's file layer has a few method tables, one for each style of locking. Each gets a copy
// with our own functions in front.
struct Table {
    const sqlite3_io_methods* real = nullptr;
    sqlite3_io_methods shim{};
};

std::mutex tables_mutex;
std::array<Table, 8> tables;
sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs shim_vfs;

const sqlite3_io_methods& real_of(sqlite3_file* file) {
    const std::lock_guard lock{tables_mutex};
    for (const Table& table : tables) {
        if (&table.shim == file->pMethods) return *table.real;
    }
    std::abort();
}

bool must_fail(FaultAt at) {
    FaultPlan& plan = fault_plan();
    if (plan.at != at) return false;
    if (plan.remaining.fetch_sub(1) > 0) return false;
    plan.failures += 1;
    errno = EIO;
    return true;
}

int shim_write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    if (must_fail(FaultAt::write)) return fault_plan().code;
    return real_of(file).xWrite(file, bytes, size, offset);
}
int shim_sync(sqlite3_file* file, int flags) {
    if (must_fail(FaultAt::sync)) return fault_plan().code;
    return real_of(file).xSync(file, flags);
}
int shim_read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
    if (must_fail(FaultAt::read)) return fault_plan().code;
    return real_of(file).xRead(file, bytes, size, offset);
}
int shim_truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (must_fail(FaultAt::truncate)) return fault_plan().code;
    return real_of(file).xTruncate(file, size);
}

const sqlite3_io_methods* shim_for(const sqlite3_io_methods* real) {
    const std::lock_guard lock{tables_mutex};
    for (Table& table : tables) {
        if (table.real == real) return &table.shim;
        if (table.real != nullptr) continue;
        table.real = real;
        table.shim = *real;
        table.shim.xWrite = &shim_write;
        table.shim.xSync = &shim_sync;
        table.shim.xRead = &shim_read;
        table.shim.xTruncate = &shim_truncate;
        return &table.shim;
    }
    std::abort();
}

int shim_open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
    const int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
    if (code == SQLITE_OK && file->pMethods != nullptr) file->pMethods = shim_for(file->pMethods);
    return code;
}

// Before main, since the shim has to be there when the first store of the process is opened.
const int kRegistered = [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    real_vfs = sqlite3_vfs_find(nullptr);
    shim_vfs = *real_vfs;
    shim_vfs.zName = "faulty";
    shim_vfs.pNext = nullptr;
    shim_vfs.xOpen = &shim_open;
    return sqlite3_vfs_register(&shim_vfs, 1);
}();

}  // namespace

FaultPlan& fault_plan() {
    static FaultPlan plan;
    return plan;
}

ScopedFault::ScopedFault(Options options) {
    FaultPlan& plan = fault_plan();
    plan.code = options.code;
    plan.remaining = options.calls_before;
    plan.failures = 0;
    plan.at = options.at;
}

ScopedFault::~ScopedFault() {
    fault_plan().at = FaultAt::nothing;
}

}  // namespace postern::storage
