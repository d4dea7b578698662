#pragma once

#include "core/result.hpp"
#include "daemon/sandbox_settings.hpp"
#include "daemon/secret_box.hpp"
#include "daemon/store.hpp"

#include <filesystem>
#include <span>

namespace postern::daemon {

// A sandbox gateway without secrets makes its own, in a file beside the store. Where several nodes
// share the store, all of them must sign and verify with the same: the first node's are kept in the
// store, sealed, and the others take them into their files.
enum class SharedSandbox {
    as_before,
    changed,  // the gateways are to be made again from the files
};
struct SandboxPlaces {
    const std::filesystem::path& data_dir;
    const SecretBox& secrets;
};
[[nodiscard]] Result<SharedSandbox, Complaint> share_sandbox_secrets(
    Store& store,
    const SandboxPlaces& places,
    std::span<const ResolvedGateway> gateways
);

}  // namespace postern::daemon
