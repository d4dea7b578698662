#include "storage/sqlite/disk_guard.hpp"

#include "core/log.hpp"
#include "storage/sqlite/data_directory.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace postern::storage {
namespace {

constexpr mode_t kFileMode = 0600;
// A small disk must not be all reserve.
constexpr std::uint64_t kShareOfDisk = 16;
constexpr std::uint64_t kBlockBytes = 512;  // what st_blocks counts, whatever the file system

std::uint64_t allocated_bytes(const std::filesystem::path& file) {
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return 0;
    return static_cast<std::uint64_t>(status.st_blocks) * kBlockBytes;
}

}  // namespace

DiskGuard::DiskGuard(const SqliteOptions& options)
    : directory_{options.directory},
      reserve_file_{options.directory / "postern.reserve"},
      limits_{options.limits},
      disk_space_{options.disk_space},
      reserve_held_bytes_{allocated_bytes(reserve_file_)} {}

std::optional<DiskSpace> DiskGuard::look() const {
    if (disk_space_) return disk_space_();
    struct statvfs status {};
    if (::statvfs(directory_.c_str(), &status) != 0) return std::nullopt;
    return DiskSpace{
        .free_bytes = std::uint64_t{status.f_bavail} * status.f_frsize,
        .total_bytes = std::uint64_t{status.f_blocks} * status.f_frsize};
}

DiskGuard::Marks DiskGuard::marks_for(const DiskSpace& space) const {
    const std::uint64_t share = space.total_bytes / kShareOfDisk;
    return {std::min(limits_.reserve_bytes, share), std::min(limits_.low_water_bytes, share)};
}

Room DiskGuard::room() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_) return room_;
    next_look_ = now + limits_.space_check_every;
    const auto space = look();
    if (!space) return room_;  // no answer is no news: the writes themselves will tell
    const Room room = judge(*space);
    if (room != room_) {
        log::warn(
            room == Room::low ? "store.space_low" : "store.space_back",
            {{"free_bytes", space->free_bytes}}
        );
    }
    room_ = room;
    return room_;
}

// Space that the reserve will need again is not there for events.
Room DiskGuard::judge(const DiskSpace& space) {
    const Marks marks = marks_for(space);
    const bool held = reserve_held_bytes_ >= marks.reserve_bytes;
    const std::uint64_t owed = held ? 0 : marks.reserve_bytes;
    const bool enough = space.free_bytes >= owed + marks.low_water_bytes;
    if (enough && !held) make_reserve(marks.reserve_bytes);
    return enough ? Room::plenty : Room::low;
}

void DiskGuard::make_reserve(std::uint64_t bytes) {
    const OwnedFd file{::open(
        reserve_file_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kFileMode
    )};
    const int error =
        file.is_open() ? ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes)) : errno;
    if (error == 0) {
        reserve_held_bytes_ = bytes;
        return;
    }
    log::warn("store.reserve_not_made", {{"errno", error}, {"bytes", bytes}});
    give_up_reserve();
}

void DiskGuard::give_up_reserve() noexcept {
    ::unlink(reserve_file_.c_str());
    reserve_held_bytes_ = 0;
    // Whatever the last look said, a write has just been refused: no new events until the next.
    room_ = Room::low;
    next_look_ = std::chrono::steady_clock::now() + limits_.space_check_every;
}

}  // namespace postern::storage
