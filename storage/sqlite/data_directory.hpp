#pragma once

#include "core/result.hpp"
#include "storage/migrations.hpp"

#include <filesystem>
#include <memory>
#include <string_view>

namespace postern::storage {

// A file descriptor that closes itself.
class OwnedFd {
 public:
    explicit OwnedFd(int fd = -1) : fd_{fd} {}
    OwnedFd(OwnedFd&& other) noexcept : fd_{other.fd_} { other.fd_ = -1; }
    OwnedFd& operator=(OwnedFd&& other) noexcept;
    OwnedFd(const OwnedFd&) = delete;
    OwnedFd& operator=(const OwnedFd&) = delete;
    ~OwnedFd();

    int get() const { return fd_; }
    bool is_open() const { return fd_ >= 0; }

 private:
    int fd_;
};

// The directory that holds a store: ours alone, for the owner's eyes only, one process at a time.
class DataDirectory {
 public:
    static Result<DataDirectory, OpenFailure> open(const std::filesystem::path& path);

    static constexpr std::string_view kDatabaseName = "postern.db";

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path database_file() const { return path_ / kDatabaseName; }
    // SQLite gives its log and index the mode of the database file, so that is made first. The
    // directory is synced, or a power cut could take the file's name away.
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
