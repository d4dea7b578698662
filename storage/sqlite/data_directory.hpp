#pragma once

#include "core/files.hpp"
#include "core/result.hpp"
#include "storage/migrations.hpp"

#include <filesystem>
#include <memory>
#include <string_view>

namespace postern::storage {

// What root makes in somebody else's directory becomes the owner's, as whom the daemon opens it. By
// descriptor, since the owner could put another file under the name. Nobody else can give files
// away, and then nothing happens.
Result<void, OpenFailure>
give_to_owner_of(const std::filesystem::path& directory, const OwnedFd& made);

// The directory that holds a store: ours alone, for the owner's eyes only, one process at a time.
class DataDirectory {
 public:
    static Result<DataDirectory, OpenFailure> open(const std::filesystem::path& path);

    static constexpr std::string_view kDatabaseName = "postern.db";
    // Where a restored store is put together before it takes its place.
    static constexpr std::string_view kRestoreName = "restore.tmp";

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path database_file() const { return path_ / kDatabaseName; }
    // SQLite gives its log and index the mode of the database file, so that is made first. The
    // directory is synced, or a power cut could take the file's name away. Refuses where a restore
    // was cut short: an empty store would look as if all were well.
    Result<void, OpenFailure> make_database_file() const;
    // Makes the names of the files in it as durable as their bytes.
    Result<void, OpenFailure> sync_names() const;

 private:
    DataDirectory(std::filesystem::path path, OwnedFd lock)
        : path_{std::move(path)}, lock_{std::move(lock)} {}

    std::filesystem::path path_;
    OwnedFd lock_;
};

}  // namespace postern::storage
