#include "daemon/backup_keeper.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/running_sha256.hpp"
#include "storage/sqlite/data_directory.hpp"

#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace postern::daemon {
namespace {

constexpr std::string_view kFolder = "backup.tmp";
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kHashedAtOnce = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kBetweenNudges{20};

OwnedFd open_to_read(const std::filesystem::path& path) {
    return OwnedFd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
}

// Fewer bytes than asked for only at the file's end; nothing when it cannot be read.
std::optional<std::string> read_at(int descriptor, const BackupKeeper::Part& part) {
    std::string bytes(part.bytes_max, '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::pread(
            descriptor,
            bytes.data() + filled,
            bytes.size() - filled,
            static_cast<off_t>(part.offset + filled)
        );
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

}  // namespace

std::string_view to_text(BackupState state) {
    switch (state) {
        case BackupState::copying: return "copying";
        case BackupState::checking: return "checking";
        case BackupState::ready: return "ready";
        case BackupState::failed: break;
    }
    return "failed";
}

BackupKeeper::BackupKeeper(Parts parts) : parts_{std::move(parts)} {
    clear_folder();  // a daemon that was killed amid a backup left it
}

BackupKeeper::~BackupKeeper() {
    stop();
}

std::filesystem::path BackupKeeper::folder() const {
    return parts_.store / kFolder;
}

std::filesystem::path BackupKeeper::file() const {
    return folder() / storage::DataDirectory::kDatabaseName;
}

void BackupKeeper::clear_folder() const {
    std::error_code error;
    std::filesystem::remove_all(folder(), error);
    if (error) log::warn("backup.not_removed", {{"why", error.message()}});
}

void BackupKeeper::stop() {
    std::unique_lock lock{mutex_};
    wish_ = Wish::drop;
    const auto has_ended = [this] {
        return work_ == Work::none;
    };
    while (!ended_.wait_for(lock, kBetweenNudges, has_ended)) check_.give_up();
    lock.unlock();
    if (thread_.joinable()) thread_.join();
    lock.lock();
    if (current_) clear_folder();
    current_.reset();
}

std::optional<BackupStatus> BackupKeeper::begin() {
    const std::lock_guard lock{mutex_};
    if (current_) return std::nullopt;
    if (thread_.joinable()) thread_.join();  // it has ended: it gave up its backup last
    BackupStatus status{.id = to_hex(random_bytes(kIdBytes)), .taken_at = parts_.clock.now()};
    // It waits for the lock before it looks at what follows. Where no thread can be made, nothing
    // has changed.
    thread_ = std::jthread{[this] {
        run();
    }};
    current_ = std::move(status);
    asked_at_ = std::chrono::steady_clock::now();
    wish_ = Wish::keep;
    work_ = Work::going_on;
    return current_;
}

std::optional<BackupStatus> BackupKeeper::find(std::string_view id) {
    const std::lock_guard lock{mutex_};
    if (!current_ || current_->id != id) return std::nullopt;
    asked_at_ = std::chrono::steady_clock::now();
    return current_;
}

std::optional<std::string> BackupKeeper::read(std::string_view id, const Part& part) {
    const auto status = find(id);
    if (!status || status->state != BackupState::ready) return std::nullopt;
    const OwnedFd descriptor = open_to_read(file());
    if (!descriptor.is_open()) return std::nullopt;
    return read_at(descriptor.get(), part);
}

bool BackupKeeper::drop(std::string_view id) {
    const std::lock_guard lock{mutex_};
    if (!current_ || current_->id != id) return false;
    const bool ended =
        current_->state == BackupState::ready || current_->state == BackupState::failed;
    wish_ = Wish::drop;  // the thread sees it, and tidies up
    if (!ended) return true;
    clear_folder();
    current_.reset();
    return true;
}

void BackupKeeper::drop_unasked() {
    std::string id;
    {
        const std::lock_guard lock{mutex_};
        if (!current_) return;
        if (wish_ == Wish::drop) return check_.give_up();
        if (std::chrono::steady_clock::now() - asked_at_ < parts_.kept_unasked) return;
        id = current_->id;
    }
    log::warn("backup.unasked", {{"id", id}});
    drop(id);
}

bool BackupKeeper::is_unwanted() {
    const std::lock_guard lock{mutex_};
    return wish_ == Wish::drop;
}

storage::CopyGoesOn BackupKeeper::note(storage::CopyProgress progress) {
    const std::lock_guard lock{mutex_};
    current_->progress = progress;
    return wish_ == Wish::drop ? storage::CopyGoesOn::no : storage::CopyGoesOn::yes;
}

void BackupKeeper::run() {
    log::info("backup.begun");
    end_with(make_or_explain());
}

// An exception that left the thread would end the daemon.
Result<void, Complaint> BackupKeeper::make_or_explain() {
    try {
        return make();
    } catch (const std::exception& exception) {
        return Complaint{std::string{"the copy cannot be made: "} + exception.what()};
    }
}

Result<void, Complaint> BackupKeeper::make() {
    if (auto copied = copy(); !copied) return copied.error();
    {
        const std::lock_guard lock{mutex_};
        current_->state = BackupState::checking;
    }
    if (auto checked = check_.run(folder()); !checked) return checked.error();
    return measure();
}

Result<void, Complaint> BackupKeeper::copy() {
    const storage::StoreCopyPlan plan{
        .from = parts_.store,
        .to = folder(),
        .free_bytes_kept = parts_.free_bytes_kept,
        .on_progress = [this](storage::CopyProgress progress) {
            return note(progress);
        }};
    return storage::copy_sqlite(plan, parts_.database.poison());
}

Result<void, Complaint> BackupKeeper::measure() {
    const OwnedFd descriptor = open_to_read(file());
    RunningSha256 digest;
    std::uint64_t bytes = 0;
    for (;;) {
        const auto part = read_at(descriptor.get(), {.offset = bytes, .bytes_max = kHashedAtOnce});
        if (!part) return Complaint{"the copy cannot be read"};
        if (is_unwanted()) return Complaint{"the copy was given up"};
        digest.add(*part);
        bytes += part->size();
        if (part->size() < kHashedAtOnce) break;
    }
    const std::lock_guard lock{mutex_};
    current_->bytes = bytes;
    current_->sha256 = to_hex(digest.finish());
    return {};
}

void BackupKeeper::end_with(const Result<void, Complaint>& made) {
    const std::lock_guard lock{mutex_};
    work_ = Work::none;
    ended_.notify_all();
    if (made && wish_ == Wish::keep) {
        current_->state = BackupState::ready;
        log::info("backup.ready", {{"id", current_->id}, {"bytes", current_->bytes}});
        return;
    }
    clear_folder();
    if (wish_ == Wish::drop) {
        log::info("backup.dropped", {{"id", current_->id}});
        current_.reset();
        return;
    }
    current_->why = made.error().message;
    // Whoever asked is told. What was copied and is not in order is the store's trouble.
    const bool is_damage = current_->state == BackupState::checking;
    const auto report = is_damage ? log::error : log::warn;
    report("backup.failed", {{"id", current_->id}, {"why", current_->why}});
    current_->state = BackupState::failed;
}

}  // namespace postern::daemon
