#include "daemon/commands/backup_file.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "core/running_sha256.hpp"

#include <climits>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace postern::daemon::commands {
namespace {

constexpr std::string_view kFormat = "postern-backup-1";
constexpr std::size_t kHeadBytesMax = 4'096;
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 20;
constexpr std::size_t kDigestCharacters = 64;
constexpr std::size_t kNameBytes = 8;
constexpr mode_t kFileMode = 0600;

// The file that a signal has to remove: half a copy may be as large as what is left of the disk. It
// is set before the handler is, which may look at nothing else.
std::array<char, PATH_MAX> half_made{};

extern "C" void remove_half_made(int signal) {
    ::unlink(half_made.data());
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void remove_when_interrupted(const std::filesystem::path& path) {
    if (path.native().size() >= half_made.size()) return;
    std::copy_n(path.c_str(), path.native().size() + 1, half_made.data());
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
        // What is to be ignored stays ignored: nohup(1) says so of hangups.
        if (std::signal(signal, remove_half_made) == SIG_IGN) std::signal(signal, SIG_IGN);
    }
}

}  // namespace

std::string to_line(const BackupHead& head) {
    std::string line;
    JsonWriter writer{line};
    writer.begin_object();
    writer.member("format", kFormat);
    writer.member_integer("bytes", static_cast<std::int64_t>(head.bytes));
    writer.member("sha256", head.sha256);
    writer.member("taken_at", head.taken_at);
    writer.member("version", head.version);
    writer.end_object();
    line += '\n';
    return line;
}

Result<BackupHead, Complaint> read_backup_head(std::string_view line) {
    const auto document = JsonDocument::parse(line);
    if (!document || document->root()["format"].string() != kFormat) {
        return Complaint{"this is no backup that this program knows"};
    }
    const JsonValue root = document->root();
    const auto bytes = root["bytes"].integer();
    BackupHead head{
        .bytes = static_cast<std::uint64_t>(bytes.value_or(0)),
        .sha256 = std::string{root["sha256"].string()},
        .taken_at = std::string{root["taken_at"].string()},
        .version = std::string{root["version"].string()}};
    if (bytes.value_or(0) <= 0 || head.sha256.size() != kDigestCharacters) {
        return Complaint{"the backup's first line is damaged"};
    }
    return head;
}

Result<BackupOutput, Complaint> BackupOutput::open(const std::string& name) {
    if (name == "-") {
        if (::isatty(STDOUT_FILENO) == 1) {
            return Complaint{"a terminal cannot take a backup: name a file, or write to a pipe"};
        }
        return BackupOutput{Names{}, OwnedFd{::dup(STDOUT_FILENO)}};
    }
    std::error_code ignored;
    if (std::filesystem::is_directory(name, ignored)) {
        return Complaint{name + ": is a folder; name a file in it"};
    }
    Names names{.place = name, .beside = name};
    names.beside += "." + to_hex(random_bytes(kNameBytes)) + ".part";
    remove_when_interrupted(names.beside);
    OwnedFd file{::open(names.beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode)};
    if (!file.is_open()) return file_complaint(names.beside, "cannot be created");
    return BackupOutput{std::move(names), std::move(file)};
}

BackupOutput::~BackupOutput() {
    if (!names_.beside.empty()) ::unlink(names_.beside.c_str());
}

Result<void, Complaint> BackupOutput::write(std::string_view bytes) {
    if (write_all(file_, bytes)) return {};
    const std::filesystem::path standard_output{"standard output"};
    const bool is_file = !names_.beside.empty();
    return file_complaint(is_file ? names_.beside : standard_output, "cannot be written");
}

Result<void, Complaint> BackupOutput::finish() {
    if (names_.beside.empty()) return {};
    if (::fsync(file_.get()) != 0) return file_complaint(names_.beside, "cannot be synced");
    if (::rename(names_.beside.c_str(), names_.place.c_str()) != 0) {
        return file_complaint(names_.place, "cannot be put in place");
    }
    names_.beside.clear();
    if (!sync_folder_of(names_.place)) return file_complaint(names_.place, "cannot be synced");
    return {};
}

Result<BackupInput, Complaint> BackupInput::open(const std::string& name) {
    const int descriptor =
        name == "-" ? ::dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    BackupInput input{OwnedFd{descriptor}};
    if (descriptor < 0) return file_complaint(name, "cannot be opened");
    if (const auto read = input.read_head(); !read) return read.error();
    return input;
}

// Fewer bytes than asked for only at the end.
Result<std::string, Complaint> BackupInput::read_some(std::size_t bytes_max) {
    std::string bytes(bytes_max, '\0');
    std::size_t filled = 0;
    while (filled < bytes_max) {
        const ssize_t got = ::read(file_.get(), bytes.data() + filled, bytes_max - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_complaint(std::filesystem::path{"the backup"}, "cannot be read");
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return Result<std::string, Complaint>{boost::system::in_place_value, std::move(bytes)};
}

// Byte by byte: standard input takes nothing back.
Result<void, Complaint> BackupInput::read_head() {
    std::string line;
    while (line.size() < kHeadBytesMax) {
        const auto next = read_some(1);
        if (!next) return next.error();
        if (next->empty() || next->front() == '\n') break;
        line += next->front();
    }
    auto head = read_backup_head(line);
    if (!head) return head.error();
    head_ = std::move(*head);
    return {};
}

Result<void, Complaint>
BackupInput::copy_to(const std::filesystem::path& path, const OnBytes& on_bytes) {
    const OwnedFd target{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode)};
    if (!target.is_open()) return file_complaint(path, "cannot be created");
    RunningSha256 digest;
    std::uint64_t left = head_.bytes;
    while (left > 0) {
        const auto bytes = read_some(std::min<std::uint64_t>(left, kBytesAtOnce));
        if (!bytes) return bytes.error();
        if (bytes->empty()) return Complaint{"the backup ends before its end: it is cut off"};
        digest.add(*bytes);
        left -= bytes->size();
        if (!write_all(target, *bytes)) return file_complaint(path, "cannot be written");
        on_bytes(head_.bytes - left);
    }
    const auto more = read_some(1);
    if (!more) return more.error();
    if (!more->empty() || to_hex(digest.finish()) != head_.sha256) {
        return Complaint{"the backup is damaged: its bytes are not those that were backed up"};
    }
    if (::fsync(target.get()) != 0) return file_complaint(path, "cannot be synced");
    return {};
}

}  // namespace postern::daemon::commands
