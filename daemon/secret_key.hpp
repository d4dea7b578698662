#pragma once

#include "core/result.hpp"
#include "daemon/store.hpp"

#include <filesystem>
#include <string>

namespace postern::daemon {

// The key that seals secrets in the store. It lies beside the store and not in it: a copy of the
// store alone opens no secret. Made where there is none.
[[nodiscard]] Result<std::string, Complaint> read_or_make_key(const std::filesystem::path& folder);

// The same where several nodes share the store, and so must have the same key: the store holds a
// tag of it, by which a node with another key, or with none, is refused. The first node of a new
// store makes the key.
[[nodiscard]] Result<std::string, Complaint>
agree_on_key(const std::filesystem::path& folder, Store& store);

}  // namespace postern::daemon
