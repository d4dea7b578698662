#include "daemon/private_files.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/files.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::daemon {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

bool write_and_sync(const std::filesystem::path& path, std::string_view text) {
    const OwnedFd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode)};
    return file.is_open() && write_all(file, text) && ::fsync(file.get()) == 0;
}

}  // namespace

std::optional<Complaint> make_private_folder(const std::filesystem::path& folder) {
    std::filesystem::path made;
    for (const std::filesystem::path& part : folder) {
        made /= part;
        if (::mkdir(made.c_str(), kFolderMode) == 0 || errno == EEXIST) continue;
        return file_complaint(made, "cannot be created");
    }
    return std::nullopt;
}

std::optional<Complaint>
write_private_file(const std::filesystem::path& path, std::string_view text) {
    // A name of its own, so that two processes that write at once do not meet in one file.
    std::filesystem::path beside = path;
    beside += "." + to_hex(random_bytes(8)) + ".new";
    if (!write_and_sync(beside, text) || ::rename(beside.c_str(), path.c_str()) != 0) {
        const Complaint complaint = file_complaint(path, "cannot be written");
        ::unlink(beside.c_str());
        return complaint;
    }
    if (!sync_folder_of(path)) return file_complaint(path, "cannot be synced");
    return std::nullopt;
}

}  // namespace postern::daemon
