#pragma once

#include "core/result.hpp"
#include "storage/poison.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace postern::storage {

struct CopyProgress {
    std::int64_t pages_done = 0;
    std::int64_t pages_total = 0;
};
enum class CopyGoesOn : std::uint8_t { yes, no };

struct StoreCopyPlan {
    std::filesystem::path from;         // the directory of a store that this process has open
    std::filesystem::path to;           // a directory for the copy alone, made when it is not there
    std::uint64_t free_bytes_kept = 0;  // so much of the disk the copy leaves to the store
    std::function<CopyGoesOn(CopyProgress)> on_progress;
};

// Copies the store as it is at one moment, while it goes on being written to. It reads through a
// connection of its own that neither writes nor checkpoints, which Debian 12's SQLite needs to lose
// nothing; until it ends, the log of the store cannot be cut and grows. The complaint is a sentence
// for the operator.
[[nodiscard]] Result<void, Complaint> copy_sqlite(const StoreCopyPlan& plan, Poison& poison);

}  // namespace postern::storage
