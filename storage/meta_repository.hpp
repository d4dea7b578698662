#pragma once

#include "storage/database.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::storage {

inline constexpr std::string_view kMetaIdKey = "id_key";
inline constexpr std::string_view kMetaDedupeKey = "dedupe_key";

[[nodiscard]] Result<std::optional<std::string>, StoreError>
find_meta(Connection& connection, std::string_view name);
// Keeps what is there: a store's keys never change once made.
[[nodiscard]] Result<void, StoreError>
insert_meta_if_absent(WriteConnection& connection, std::string_view name, Blob value);

// For what is no key: takes the place of what is there.
[[nodiscard]] Result<void, StoreError>
put_meta(Transaction& transaction, std::string_view name, Blob value);

}  // namespace postern::storage
