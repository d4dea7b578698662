#pragma once

#include <array>
#include <cstddef>

namespace postern::storage {

// One text out of constant parts, so that a table's columns are listed once for all its statements.
template <std::size_t... kSizes>
consteval auto sql_text(const char (&... parts)[kSizes]) {
    std::array<char, (0 + ... + (kSizes - 1)) + 1> text{};
    std::size_t length = 0;
    const auto append = [&text, &length](const char* part, std::size_t size) {
        for (std::size_t i = 0; i + 1 < size; ++i) text[length++] = part[i];
    };
    (append(parts, kSizes), ...);
    return text;
}

}  // namespace postern::storage
