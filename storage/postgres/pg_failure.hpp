#pragma once

#include "storage/store_error.hpp"

#include <string_view>

namespace postern::storage {

// What an SQLSTATE means for a unit of work. Empty: the connection broke.
StoreError classify_state(std::string_view state);

// After these nothing more can be done on the connection: the server leaves, is a standby, or does
// not know the statements that were prepared.
bool ends_connection(std::string_view state);

inline constexpr std::string_view kMissingRight = "42501";
inline constexpr std::string_view kReadOnly = "25006";

}  // namespace postern::storage
