#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "daemon/copied_store.hpp"
#include "storage/database.hpp"
#include "storage/sqlite/store_copy.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace postern::daemon {

enum class BackupState : std::uint8_t { copying, checking, ready, failed };
std::string_view to_text(BackupState state);

struct BackupStatus {
    std::string id = {};
    BackupState state = BackupState::copying;
    storage::CopyProgress progress = {};
    TimePoint taken_at = {};  // everything committed before is in it
    std::uint64_t bytes = 0;  // once it is ready, like the next
    std::string sha256 = {};  // in hexadecimal digits
    std::string why = {};     // of one that failed
};

// Makes backups, one at a time: copies the store into a folder beside it, looks whether the copy is
// in order, and keeps it until it was fetched or nobody asks for it any more.
class BackupKeeper {
 public:
    struct Parts {
        storage::Database& database;
        const Clock& clock;
        std::filesystem::path store;  // the directory of the store
        std::uint64_t free_bytes_kept = 0;
        std::chrono::seconds kept_unasked{60};
    };
    explicit BackupKeeper(Parts parts);
    ~BackupKeeper();  // stops
    BackupKeeper(const BackupKeeper&) = delete;
    BackupKeeper& operator=(const BackupKeeper&) = delete;

    // Nothing while another backup is there.
    std::optional<BackupStatus> begin();
    std::optional<BackupStatus> find(std::string_view id);
    // Bytes of one that is ready, at most so many; fewer only at its end. Nothing: there is none,
    // or it cannot be read.
    struct Part {
        std::uint64_t offset = 0;
        std::size_t bytes_max = 0;
    };
    std::optional<std::string> read(std::string_view id, const Part& part);
    // False: there is none of that name.
    bool drop(std::string_view id);
    void drop_unasked();
    // Whatever a backup is at, it ends soon.
    void stop();

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run();
    Result<void, Complaint> make();
    Result<void, Complaint> make_or_explain();
    Result<void, Complaint> copy();
    Result<void, Complaint> measure();
    void end_with(const Result<void, Complaint>& made);
    storage::CopyGoesOn note(storage::CopyProgress progress);
    bool is_unwanted();
    void clear_folder() const;
    std::filesystem::path folder() const;
    std::filesystem::path file() const;

    Parts parts_;
    CopiedStoreCheck check_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable ended_;
    std::optional<BackupStatus> current_;
    SteadyTime asked_at_{};
    enum class Wish { keep, drop };
    Wish wish_ = Wish::keep;
    enum class Work { none, going_on };
    Work work_ = Work::none;  // of the thread
    std::jthread thread_;     // touched by the control socket's thread and by stop() only
};

}  // namespace postern::daemon
