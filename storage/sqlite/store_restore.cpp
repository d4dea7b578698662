#include "storage/sqlite/store_restore.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace postern::storage {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFolderMode = 0700;

// The tables' file goes first: without it no daemon starts on what is left.
constexpr std::array<std::string_view, 4> kStoreFiles = {
    DataDirectory::kDatabaseName,
    "postern.db-wal",
    "postern.db-shm",
    "postern.db-journal"};

// What a directory may hold that somebody made ready for a restore: the lock that was just taken,
// and what a backup does not hold and the restored store needs.
constexpr std::array<std::string_view, 5> kWelcome =
    {"postern.lock", "control.sock", "secrets.key", "sandbox", DataDirectory::kRestoreName};

OpenFailure cannot(std::string_view what, const fs::path& path, const std::error_code& error) {
    std::string message = "cannot ";
    message += what;
    message += ' ';
    message += path.string();
    message += ": ";
    message += error.message();
    return {StoreError::failed, std::move(message)};
}

std::error_code last_error() {
    return {errno, std::generic_category()};
}

Result<void, OpenFailure> check_is_free(const fs::path& directory) {
    std::error_code error;
    fs::directory_iterator entries{directory, error};
    if (error) return cannot("look into", directory, error);
    for (const fs::directory_entry& entry : entries) {
        const std::string name = entry.path().filename().string();
        if (std::find(kWelcome.begin(), kWelcome.end(), name) != kWelcome.end()) continue;
        return OpenFailure{
            StoreError::failed,
            directory.string() + " is not empty: " + name
                + " is there. Take an empty directory, or say --replace to set the store that is "
                  "there aside"};
    }
    return {};
}

Result<void, OpenFailure> hand_over(const fs::path& path, const fs::path& directory) {
    const OwnedFd made{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!made.is_open()) return cannot("open", path, last_error());
    return give_to_owner_of(directory, made);
}

bool is_store_file(const fs::path& path) {
    std::error_code ignored;  // what cannot be looked at is not there for us
    return fs::exists(path, ignored);
}

}  // namespace

Result<StoreRestore, OpenFailure>
StoreRestore::begin(const fs::path& directory, Existing existing) {
    auto locked = DataDirectory::open(directory);
    if (!locked) return locked.error();
    if (existing == Existing::refused) {
        if (const auto vacant = check_is_free(directory); !vacant) return vacant.error();
    }
    StoreRestore restore{std::move(*locked)};
    std::error_code error;
    fs::remove_all(restore.staging(), error);  // what an earlier try left
    if (!error && ::mkdir(restore.staging().c_str(), kFolderMode) != 0) error = last_error();
    if (error) return cannot("make", restore.staging(), error);
    return restore;
}

void StoreRestore::give_up() const {
    std::error_code ignored;  // the next try removes it
    fs::remove_all(staging(), ignored);
}

Result<StoreRestore::SetAside, OpenFailure> StoreRestore::set_old_aside(std::string_view moment
) const {
    const fs::path& directory = directory_.path();
    const auto is_there = [&directory](std::string_view name) {
        return is_store_file(directory / name);
    };
    if (std::none_of(kStoreFiles.begin(), kStoreFiles.end(), is_there)) return SetAside{};
    std::string name{"replaced-"};
    name += moment;
    SetAside aside{.folder = directory / name};
    if (::mkdir(aside.folder.c_str(), kFolderMode) != 0) {
        return cannot("make", aside.folder, last_error());
    }
    for (const std::string_view file : kStoreFiles) {
        if (!is_there(file)) continue;
        std::error_code error;
        fs::rename(directory / file, aside.folder / file, error);
        if (error) return cannot("set aside", directory / file, error);
    }
    if (const auto handed = hand_over(aside.folder, directory); !handed) return handed.error();
    const OwnedFd folder{::open(aside.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder.is_open() || ::fsync(folder.get()) != 0) {
        return cannot("sync", aside.folder, last_error());
    }
    return aside;
}

// The old files' new names are on the disk before the new file has theirs: an old log beside a new
// database would be written into it.
Result<StoreRestore::SetAside, OpenFailure> StoreRestore::take_place(std::string_view moment
) const {
    const fs::path made = staging() / DataDirectory::kDatabaseName;
    if (const auto handed = hand_over(made, directory_.path()); !handed) return handed.error();
    auto aside = set_old_aside(moment);
    if (!aside) return aside.error();
    if (const auto synced = directory_.sync_names(); !synced) return synced.error();
    std::error_code error;
    const fs::path place = directory_.database_file();
    fs::rename(made, place, error);
    if (error) return cannot("put the store to", place, error);
    if (const auto synced = directory_.sync_names(); !synced) return synced.error();
    give_up();
    return aside;
}

}  // namespace postern::storage
