#include "storage/sqlite/store_copy.hpp"

#include "storage/sqlite/data_directory.hpp"
#include "storage/sqlite/sqlite_handle.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <string>
#include <system_error>

namespace postern::storage {
namespace {

constexpr int kPagesAtOnce = 256;
constexpr int kBusyMilliseconds = 2'000;
constexpr std::uintmax_t kShareOfDisk = 16;  // a small disk is not all kept free

constexpr Sql kBytesSql{
    "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"};

// A transaction begins with its first read; from then on the state that is seen stays the same.
constexpr const char* kPinSql =
    "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; BEGIN;"
    "SELECT COUNT(*) FROM sqlite_schema";

// A copy that a power cut breaks is made again: its syncs would only slow the store down.
constexpr const char* kHasteSql = "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY";

struct FinishBackup {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};
using OwnedBackup = std::unique_ptr<sqlite3_backup, FinishBackup>;
using OwnedHandle = std::unique_ptr<SqliteHandle>;

Complaint cannot(std::string_view what, std::string_view why) {
    std::string message{what};
    message += ": ";
    message += why;
    return Complaint{std::move(message)};
}

Result<OwnedHandle, Complaint> open_source(const StoreCopyPlan& plan, Poison& poison) {
    const auto file = plan.from / DataDirectory::kDatabaseName;
    auto handle = SqliteHandle::open(file, SqliteHandle::Access::read_only, poison);
    if (!handle) return cannot("the store cannot be read", to_text(handle.error()));
    sqlite3_busy_timeout((*handle)->raw(), kBusyMilliseconds);
    const auto pinned = (*handle)->execute(kPinSql);
    if (!pinned) return cannot("the store cannot be read", to_text(pinned.error()));
    return std::move(*handle);
}

Result<OwnedHandle, Complaint> open_target(const DataDirectory& directory, Poison& poison) {
    if (const auto made = directory.make_database_file(); !made) {
        return Complaint{made.error().message};
    }
    auto handle =
        SqliteHandle::open(directory.database_file(), SqliteHandle::Access::read_write, poison);
    if (!handle) return cannot("the copy cannot be made", to_text(handle.error()));
    const auto hurried = (*handle)->execute(kHasteSql);
    if (!hurried) return cannot("the copy cannot be made", to_text(hurried.error()));
    return std::move(*handle);
}

Result<std::uintmax_t, Complaint> bytes_of(SqliteHandle& source) {
    Query query{source.statement(kBytesSql)};
    const auto step = query.step();
    if (!step) return cannot("the store cannot be read", to_text(step.error()));
    return static_cast<std::uintmax_t>(query.integer(0));
}

// What others write meanwhile counts too, so this is asked again and again.
bool has_room(const StoreCopyPlan& plan, std::uintmax_t bytes_wanted) {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(plan.to, error);
    if (error) return false;
    const std::uintmax_t kept =
        std::min<std::uintmax_t>(plan.free_bytes_kept, space.capacity / kShareOfDisk);
    return space.available >= kept + bytes_wanted;
}

Complaint no_room(const StoreCopyPlan& plan, std::uintmax_t bytes_wanted) {
    std::string message = "there is too little space beside ";
    message += plan.from.string();
    message += " for a copy of ";
    message += std::to_string(bytes_wanted >> 20);
    message += " MiB that leaves the store enough";
    return Complaint{std::move(message)};
}

Result<void, Complaint> copy_pages(sqlite3_backup* backup, const StoreCopyPlan& plan) {
    for (;;) {
        const int code = sqlite3_backup_step(backup, kPagesAtOnce);
        const std::int64_t total = sqlite3_backup_pagecount(backup);
        const std::int64_t done = total - sqlite3_backup_remaining(backup);
        if (code != SQLITE_OK && code != SQLITE_DONE) {
            return cannot("the copy cannot be made", sqlite3_errstr(code));
        }
        if (plan.on_progress({.pages_done = done, .pages_total = total}) == CopyGoesOn::no) {
            return Complaint{"the copy was given up"};
        }
        if (code == SQLITE_DONE) return {};
        if (!has_room(plan, 0)) return Complaint{"the disk became too full to go on copying"};
    }
}

}  // namespace

Result<void, Complaint> copy_sqlite(const StoreCopyPlan& plan, Poison& poison) {
    const auto directory = DataDirectory::open(plan.to);
    if (!directory) return Complaint{directory.error().message};
    auto source = open_source(plan, poison);
    if (!source) return source.error();
    const auto bytes = bytes_of(**source);
    if (!bytes) return bytes.error();
    if (!has_room(plan, *bytes)) return no_room(plan, *bytes);
    Poison of_the_copy{{}};  // what fails there says nothing about the store
    auto target = open_target(*directory, of_the_copy);
    if (!target) return target.error();
    const OwnedBackup backup{
        sqlite3_backup_init((*target)->raw(), "main", (*source)->raw(), "main")};
    if (backup == nullptr) {
        return cannot("the copy cannot be made", sqlite3_errmsg((*target)->raw()));
    }
    return copy_pages(backup.get(), plan);
}

}  // namespace postern::storage
