#pragma once

#include "core/files.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

// A backup as a file: one line of JSON that says what follows, then the SQLite database as it is.
// `tail -n +2 FILE` is the database alone.
namespace postern::daemon::commands {

struct BackupHead {
    std::uint64_t bytes = 0;  // of the database
    std::string sha256;       // of the database, in hexadecimal digits
    std::string taken_at;     // everything committed before is in it
    std::string version;      // of the program that made it
    bool operator==(const BackupHead&) const = default;
};

std::string to_line(const BackupHead& head);  // with its end
Result<BackupHead, Complaint> read_backup_head(std::string_view line);

// Standard output for "-"; else a file that appears under its name when it is whole and on disk.
class BackupOutput {
 public:
    static Result<BackupOutput, Complaint> open(const std::string& name);
    BackupOutput(BackupOutput&& other) = default;
    ~BackupOutput();  // removes what was not finished

    Result<void, Complaint> write(std::string_view bytes);
    Result<void, Complaint> finish();

 private:
    struct Names {
        std::filesystem::path place;   // empty, like the next: standard output
        std::filesystem::path beside;  // where it is until it is whole
    };
    BackupOutput(Names names, OwnedFd file) : names_{std::move(names)}, file_{std::move(file)} {}

    Names names_;
    OwnedFd file_;
};

// Standard input for "-".
class BackupInput {
 public:
    // Has read the head.
    static Result<BackupInput, Complaint> open(const std::string& name);

    const BackupHead& head() const { return head_; }
    // Writes the database to a file that is not there yet, onto the disk, and tells how many bytes
    // are done. Refuses bytes that are not those that were backed up.
    using OnBytes = std::function<void(std::uint64_t bytes_done)>;
    Result<void, Complaint> copy_to(const std::filesystem::path& path, const OnBytes& on_bytes);

 private:
    explicit BackupInput(OwnedFd file) : file_{std::move(file)} {}

    Result<void, Complaint> read_head();
    Result<std::string, Complaint> read_some(std::size_t bytes_max);

    OwnedFd file_;
    BackupHead head_;
};

}  // namespace postern::daemon::commands
