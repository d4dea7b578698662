#pragma once

#include "core/http_message.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::daemon {

inline constexpr std::size_t kMaskedParametersBytesMax = 4 * 1024;

// What a request said, fit to be kept: {"query":{…},"body":{…}}, every value as text. Names stay;
// the values of those that speak of cards, accounts or secrets are masked, and so is any value with
// a card number or a key in it. Bounded; what did not fit is said by "truncated".
std::string masked_parameters(const HttpRequest& request);

// One text with every card number and key in it masked, and nothing but printable ASCII.
std::string masked_line(std::string_view text, std::size_t bytes_max);

}  // namespace postern::daemon
