#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern {

// The length of the well-formed UTF-8 sequence at the start of a text that is not empty, or 0.
std::size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

// The code point must be one that UTF-8 can say: no surrogate, at most U+10FFFF.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace postern
