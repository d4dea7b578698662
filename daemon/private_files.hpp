#pragma once

#include "core/result.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace postern::daemon {

// Files that only their owner may read, for secrets.

// Makes the folder and those above it that are missing, with mode 0700.
std::optional<Complaint> make_private_folder(const std::filesystem::path& folder);

// The file is there whole and on disk, or it is as it was: written beside, synced and renamed.
std::optional<Complaint>
write_private_file(const std::filesystem::path& path, std::string_view text);

}  // namespace postern::daemon
