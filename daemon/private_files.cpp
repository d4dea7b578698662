#include "daemon/private_files.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace postern::daemon {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

Complaint complaint_of(const std::filesystem::path& path, std::string_view what) {
    const std::error_code error{errno, std::generic_category()};
    std::string message = path.string();
    message += ": ";
    message += what;
    message += ": ";
    message += error.message();
    return Complaint{std::move(message)};
}

class Descriptor {
 public:
    explicit Descriptor(int value) : value_{value} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    int get() const { return value_; }

 private:
    int value_;
};

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// Without this the new name may be gone after a power cut although the file is not.
bool sync_folder(const std::filesystem::path& folder) {
    const Descriptor descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return descriptor.get() >= 0 && ::fsync(descriptor.get()) == 0;
}

bool write_and_sync(const std::filesystem::path& path, std::string_view text) {
    const Descriptor descriptor{
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode)};
    return descriptor.get() >= 0 && write_all(descriptor.get(), text)
           && ::fsync(descriptor.get()) == 0;
}

}  // namespace

std::optional<Complaint> make_private_folder(const std::filesystem::path& folder) {
    std::filesystem::path made;
    for (const std::filesystem::path& part : folder) {
        made /= part;
        if (::mkdir(made.c_str(), kFolderMode) == 0 || errno == EEXIST) continue;
        return complaint_of(made, "cannot be created");
    }
    return std::nullopt;
}

std::optional<Complaint>
write_private_file(const std::filesystem::path& path, std::string_view text) {
    // A name of its own, so that two processes that write at once do not meet in one file.
    std::filesystem::path beside = path;
    beside += "." + to_hex(random_bytes(8)) + ".new";
    if (!write_and_sync(beside, text) || ::rename(beside.c_str(), path.c_str()) != 0) {
        const Complaint complaint = complaint_of(path, "cannot be written");
        ::unlink(beside.c_str());
        return complaint;
    }
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
    if (!sync_folder(folder)) return complaint_of(folder, "cannot be synced");
    return std::nullopt;
}

}  // namespace postern::daemon
