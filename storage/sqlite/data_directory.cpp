#include "storage/sqlite/data_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace postern::storage {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;

std::string reason_of(int error) {
    return std::generic_category().message(error);
}

OpenFailure cannot(std::string_view what, const std::filesystem::path& path, int error) {
    std::string message = "cannot ";
    message += what;
    message += " ";
    message += path.string();
    message += ": ";
    message += reason_of(error);
    const bool full = error == ENOSPC || error == EDQUOT;
    return {full ? StoreError::full : StoreError::failed, std::move(message)};
}

Result<void, OpenFailure> sync_directory(const std::filesystem::path& path) {
    const OwnedFd directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory.is_open()) return cannot("open the data directory", path, errno);
    if (::fsync(directory.get()) != 0) return cannot("sync the data directory", path, errno);
    return {};
}

Result<void, OpenFailure> make_directory(const std::filesystem::path& path) {
    std::error_code error;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
    if (error) return cannot("create the directory", path.parent_path(), error.value());
    if (::mkdir(path.c_str(), kDirectoryMode) == 0) {
        return path.has_parent_path() ? sync_directory(path.parent_path())
                                      : Result<void, OpenFailure>{};
    }
    if (errno != EEXIST) return cannot("create the data directory", path, errno);
    if (!std::filesystem::is_directory(path, error)) {
        return OpenFailure{
            StoreError::failed, "the data directory " + path.string() + " is not a directory"};
    }
    if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
        return cannot("use the data directory", path, errno);
    }
    return {};
}

// Not what was there before, and no file that has a second name somewhere else.
bool is_ours_alone(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || status.st_uid != ::geteuid()) return false;
    return S_ISDIR(status.st_mode) || (S_ISREG(status.st_mode) && status.st_nlink == 1);
}

// The lock goes with the process, however it ends, so there is never a stale one to clear.
Result<OwnedFd, OpenFailure> lock_directory(const std::filesystem::path& directory) {
    const std::filesystem::path path = directory / "postern.lock";
    OwnedFd lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode)};
    if (!lock.is_open()) return cannot("open the lock file", path, errno);
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) {
        if (const auto given = give_to_owner_of(directory, lock); !given) return given.error();
        return lock;
    }
    if (errno != EWOULDBLOCK) return cannot("lock", path, errno);
    return OpenFailure{
        StoreError::locked,
        "another postern is using " + directory.string()
            + ": stop it first, or give this one its own data directory"};
}

}  // namespace

Result<void, OpenFailure>
give_to_owner_of(const std::filesystem::path& directory, const OwnedFd& made) {
    if (::geteuid() != 0) return {};
    struct stat owner {};
    if (::stat(directory.c_str(), &owner) != 0) return cannot("look at", directory, errno);
    if (owner.st_uid == 0 || !is_ours_alone(made.get())) return {};
    if (::fchown(made.get(), owner.st_uid, owner.st_gid) != 0 || ::fsync(made.get()) != 0) {
        return cannot("give a file to the owner of", directory, errno);
    }
    return {};
}

Result<DataDirectory, OpenFailure> DataDirectory::open(const std::filesystem::path& path) {
    const auto made = make_directory(path);
    if (!made) return made.error();
    auto lock = lock_directory(path);
    if (!lock) return lock.error();
    return DataDirectory{path, std::move(*lock)};
}

Result<void, OpenFailure> DataDirectory::make_database_file() const {
    const std::filesystem::path unfinished = path_ / kRestoreName;
    std::error_code ignored;  // what cannot be looked at is not there for us
    if (!std::filesystem::exists(database_file(), ignored)
        && std::filesystem::exists(unfinished, ignored)) {
        return OpenFailure{
            StoreError::failed,
            "a restore into " + path_.string() + " was cut short: run it again, or remove "
                + unfinished.string() + " to begin with an empty store"};
    }
    const OwnedFd file{
        ::open(database_file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode)};
    if (!file.is_open()) return cannot("open the database", database_file(), errno);
    return sync_names();
}

Result<void, OpenFailure> DataDirectory::sync_names() const {
    return sync_directory(path_);
}

}  // namespace postern::storage
