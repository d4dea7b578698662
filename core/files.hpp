#pragma once

#include "core/result.hpp"

#include <filesystem>
#include <string_view>

// What is written to files by hand, where a stream would hide whether it arrived.
namespace postern {

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

// False with errno set; some of the bytes may have been written.
bool write_all(const OwnedFd& file, std::string_view bytes);

// Without this a new name may be gone after a power cut although the file is not.
bool sync_folder_of(const std::filesystem::path& file);

// "PATH: WHAT: why", and why is what errno says.
Complaint file_complaint(const std::filesystem::path& path, std::string_view what);

}  // namespace postern
