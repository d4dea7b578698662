#include "daemon/sandbox_sharing.hpp"

#include "config/files.hpp"
#include "daemon/blocking_write.hpp"
#include "daemon/private_files.hpp"
#include "storage/meta_repository.hpp"

#include <string>
#include <utility>
#include <vector>

namespace postern::daemon {
namespace {

constexpr std::string_view kPurpose = "sandbox secrets";
constexpr std::string_view kNamePrefix = "sandbox_secrets ";

// One gateway's file, as it is here and as it is to be.
struct SandboxFile {
    std::string gateway;
    std::filesystem::path path;
    std::string text;
    std::string agreed = {};
};

std::vector<SandboxFile>
files_here(const std::filesystem::path& data_dir, std::span<const ResolvedGateway> gateways) {
    std::vector<SandboxFile> files;
    for (const ResolvedGateway& resolved : gateways) {
        auto path = sandbox_secrets_path(data_dir, resolved.gateway.id);
        auto text = config::read_whole_file(path);
        if (!text) continue;  // its secrets are in the configuration
        files.push_back(
            {.gateway = resolved.gateway.id, .path = std::move(path), .text = std::move(*text)}
        );
    }
    return files;
}

StoreResult agree(storage::Transaction& transaction, const SecretBox& secrets, SandboxFile& file) {
    const std::string name = std::string{kNamePrefix} + file.gateway;
    const auto found = storage::find_meta(transaction.connection(), name);
    if (!found) return found.error();
    if (*found) {
        auto opened = secrets.open(kPurpose, **found);
        if (!opened) return storage::StoreError::failed;
        file.agreed = std::move(*opened);
        return {};
    }
    file.agreed = file.text;
    const std::string sealed = secrets.seal(kPurpose, file.text);
    return storage::put_meta(transaction, name, storage::Blob{sealed});
}

}  // namespace

Result<SharedSandbox, Complaint> share_sandbox_secrets(
    Store& store,
    const SandboxPlaces& places,
    std::span<const ResolvedGateway> gateways
) {
    std::vector<SandboxFile> files = files_here(places.data_dir, gateways);
    if (files.empty()) return SharedSandbox::as_before;
    const WriteWork work = [&files, &places](storage::Transaction& transaction) -> StoreResult {
        if (const auto turn = transaction.take_turn(); !turn) return turn.error();
        for (SandboxFile& file : files) {
            const StoreResult agreed = agree(transaction, places.secrets, file);
            if (!agreed) return agreed;
        }
        return {};
    };
    if (!write_and_wait(store.writer, work)) {
        return Complaint{"the secrets of the sandbox gateways could not be agreed on in the store"};
    }
    auto outcome = SharedSandbox::as_before;
    for (const SandboxFile& file : files) {
        if (file.agreed == file.text) continue;
        if (auto complaint = write_private_file(file.path, file.agreed)) {
            return std::move(*complaint);
        }
        outcome = SharedSandbox::changed;
    }
    return outcome;
}

}  // namespace postern::daemon
