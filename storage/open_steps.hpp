#pragma once

#include "storage/database.hpp"

#include <cstdint>

// What every driver does once the tables are there.
namespace postern::storage {

// Made with the store; the same for all who ever open it.
[[nodiscard]] Result<StoreKeys, StoreError> load_or_make_keys(WriteConnection& connection);

// The greatest id in any table whose ids the generator makes; 0: there is none.
[[nodiscard]] Result<std::int64_t, StoreError> find_last_id(Connection& connection);

}  // namespace postern::storage
