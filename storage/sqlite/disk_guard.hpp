#pragma once

#include "storage/database.hpp"
#include "storage/sqlite/sqlite_database.hpp"

#include <chrono>
#include <filesystem>

namespace postern::storage {

// Watches the space on the disk for the writer, and keeps a really allocated file beside the
// database: on a full disk not even a DELETE succeeds, so something must be there to give up.
class DiskGuard {
 public:
    DiskGuard(const SqliteOptions& options);

    // Asks the file system at most every space_check_every.
    Room room();
    void give_up_reserve() noexcept;

 private:
    struct Marks {
        std::uint64_t reserve_bytes;
        std::uint64_t low_water_bytes;
    };
    Marks marks_for(const DiskSpace& space) const;
    std::optional<DiskSpace> look() const;
    Room judge(const DiskSpace& space);
    void make_reserve(std::uint64_t bytes);

    std::filesystem::path directory_;
    std::filesystem::path reserve_file_;
    SqliteLimits limits_;
    std::function<std::optional<DiskSpace>()> disk_space_;
    std::chrono::steady_clock::time_point next_look_{};
    std::uint64_t reserve_held_bytes_ = 0;
    Room room_ = Room::plenty;
};

}  // namespace postern::storage
