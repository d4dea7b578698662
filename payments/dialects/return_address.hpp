#pragma once

#include <cstddef>
#include <string_view>

namespace postern::payments {

inline constexpr std::size_t kReturnAddressBytesMax = 5'000;

// Where a customer is sent back to after paying: a shop's page or an app's own address, and none
// that a browser would run or read from its own disk.
bool is_return_address(std::string_view text);

}  // namespace postern::payments
