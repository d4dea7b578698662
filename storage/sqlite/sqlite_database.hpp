#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/migrations.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace postern::storage {

struct DiskSpace {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;
};

struct SqliteLimits {
    // Set aside so that delivery marks and pruning still go through on a full disk. 0: none. Both
    // this and the low-water mark shrink to a sixteenth of a small file system.
    std::uint64_t reserve_bytes = std::uint64_t{64} << 20;
    std::uint64_t low_water_bytes = std::uint64_t{64} << 20;  // below it no new events are taken
    std::chrono::milliseconds space_check_every{100};
    std::chrono::milliseconds busy_timeout{2'000};
    // The log (WAL) is moved into the tables when nobody waits and it holds more than the first;
    // between two batches only beyond the second; beyond the third the log is cut as well. Small
    // and often: requests wait for one move, and a log that begins anew soon is written over blocks
    // the disk has given already, which makes its syncs cheap.
    std::int64_t log_bytes_idle = std::int64_t{1} << 20;
    std::int64_t log_bytes_burst = std::int64_t{2} << 20;
    std::int64_t log_bytes_max = std::int64_t{64} << 20;
    // Dedupe entries held in memory (24 bytes each) until they move into their tree together.
    std::size_t dedupe_recent_max = 131'072;
    std::int64_t writer_cache_bytes = std::int64_t{32} << 20;
    std::int64_t reader_cache_bytes = std::int64_t{4} << 20;
};

struct SqliteOptions {
    std::filesystem::path directory;
    unsigned node = 0;  // goes into every id
    SqliteLimits limits = {};
    Poison::Listener on_poison = {};
    std::function<std::optional<DiskSpace>()> disk_space = {};  // empty: asks the file system
    std::span<const Migration> migrations = built_in_migrations();
};

// Makes the directory and the store when they are not there; takes the lock, brings the schema up
// to date. The complaint is a sentence for the operator.
[[nodiscard]] Result<std::unique_ptr<Database>, OpenFailure>
open_sqlite(SqliteOptions options, const Clock& clock);

}  // namespace postern::storage
