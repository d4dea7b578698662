#include "daemon/node_home.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "daemon/private_files.hpp"

#include <fstream>
#include <utility>

namespace postern::daemon {
namespace {

constexpr std::string_view kNameFile = "node.id";
constexpr std::size_t kNameBytes = 16;
// The second for a service that may see nothing of /proc but processes.
constexpr const char* kBootFile = "/proc/sys/kernel/random/boot_id";
constexpr const char* kMachineFile = "/etc/machine-id";

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

// A copy of the directory on another machine is not this one, whose lock says nothing there.
std::string name_here(const std::string& name, std::string_view machine) {
    std::string text = name;
    text += ' ';
    text += machine;
    text += ' ';
    const std::string boot = text_of(kBootFile);
    text += boot.empty() ? text_of(kMachineFile) : boot;
    return to_hex(sha256(text)).substr(0, 2 * kNameBytes);
}

}  // namespace

Result<NodeHome, Complaint>
NodeHome::open(const std::filesystem::path& folder, std::string_view machine) {
    auto directory = storage::DataDirectory::open(folder);
    if (!directory) return Complaint{directory.error().message};
    const std::filesystem::path file = folder / kNameFile;
    std::string name = text_of(file);
    if (from_hex(name).value_or(std::string{}).size() != kNameBytes) {
        name = to_hex(random_bytes(kNameBytes));
        if (auto complaint = write_private_file(file, name)) return std::move(*complaint);
    }
    return NodeHome{std::move(*directory), name_here(name, machine)};
}

}  // namespace postern::daemon
