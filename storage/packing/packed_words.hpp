#pragma once

#include <cstdint>
#include <string_view>

namespace postern::storage {

// A text is read back only with the very words it was packed with, so a list never changes once a
// store may have been written with it: better words are a new list with the next number.
enum class WordList : std::uint8_t { first = 1 };

// What payments' events say again and again, from packing/words_1.txt.
std::string_view packed_words(WordList list);

}  // namespace postern::storage
