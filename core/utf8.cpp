#include "core/utf8.hpp"

#include "core/assert.hpp"

namespace postern {

std::size_t utf8_length(std::string_view text) {
    POSTERN_ASSERT(!text.empty());
    const auto byte = [text](std::size_t i) {
        return static_cast<unsigned char>(text[i]);
    };
    const auto continues = [&byte, text](std::size_t i) {
        return i < text.size() && (byte(i) & 0xc0) == 0x80;
    };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
    if ((first & 0xf0) == 0xe0) {
        if (!continues(1) || !continues(2)) return 0;
        if (first == 0xe0 && byte(1) < 0xa0) return 0;
        if (first == 0xed && byte(1) > 0x9f) return 0;
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        if (first == 0xf0 && byte(1) < 0x90) return 0;
        if (first == 0xf4 && byte(1) > 0x8f) return 0;
        return 4;
    }
    return 0;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

void append_utf8(std::string& out, char32_t code_point) {
    POSTERN_ASSERT(code_point <= 0x10ffff);
    POSTERN_ASSERT(code_point < 0xd800 || code_point > 0xdfff);
    const auto tail = [code_point](int shift) {
        return static_cast<char>(0x80 | ((code_point >> shift) & 0x3f));
    };
    if (code_point < 0x80) {
        out += static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        out += static_cast<char>(0xc0 | (code_point >> 6));
        out += tail(0);
    } else if (code_point < 0x10000) {
        out += static_cast<char>(0xe0 | (code_point >> 12));
        out += tail(6);
        out += tail(0);
    } else {
        out += static_cast<char>(0xf0 | (code_point >> 18));
        out += tail(12);
        out += tail(6);
        out += tail(0);
    }
}

}  // namespace postern
