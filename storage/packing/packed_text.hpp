#pragma once

#include "core/result.hpp"
#include "storage/store_error.hpp"

#include <string>
#include <string_view>

// Makes texts small that are much like each other: each payment tells what became of it several
// times in two dialects, and what is written is what its speed hangs on.
namespace postern::storage {

[[nodiscard]] std::string pack_text(std::string_view text);
// A text that was never packed comes back as it is, unless it begins with a control character.
[[nodiscard]] Result<std::string, StoreError> unpack_text(std::string_view packed);

}  // namespace postern::storage
