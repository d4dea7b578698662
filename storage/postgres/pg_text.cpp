#include "storage/postgres/pg_text.hpp"

#include "core/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace postern::storage {
namespace {

constexpr char32_t kFirst = 0x10FF00;
// How each character of the range begins in UTF-8, and how its third byte does.
constexpr std::string_view kLead{"\xF4\x8F"};
constexpr unsigned char kThirdMin = 0xBC;
constexpr std::size_t kStoredBytes = 4;

bool is_stored_byte(std::string_view rest) {
    return rest.size() >= kStoredBytes && rest.starts_with(kLead)
           && static_cast<unsigned char>(rest[2]) >= kThirdMin;
}

// How many bytes at the beginning are stored as they are; 0: the first one is not.
std::size_t plain_length(std::string_view rest) {
    if (rest.front() == '\0' || is_stored_byte(rest)) return 0;
    return utf8_length(rest);
}

// Eight at a time, since nearly all that is stored is this and much of it is long.
bool is_ascii_without_zero(std::string_view text) {
    constexpr std::uint64_t kHighBits = 0x8080808080808080;
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    while (text.size() >= sizeof(std::uint64_t)) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data(), sizeof eight);
        // What takes one from each byte sets the high bit of those that are zero.
        if (((eight | (eight - kOnes)) & kHighBits) != 0) return false;
        text.remove_prefix(sizeof eight);
    }
    return std::all_of(text.begin(), text.end(), [](char letter) {
        return static_cast<signed char>(letter) > 0;
    });
}

bool is_plain(std::string_view text) {
    if (is_ascii_without_zero(text)) return true;
    return text.find('\0') == std::string_view::npos && text.find(kLead) == std::string_view::npos
           && is_utf8(text);
}

char byte_of(std::string_view stored) {
    const auto third = static_cast<unsigned char>(stored[2]);
    const auto fourth = static_cast<unsigned char>(stored[3]);
    return static_cast<char>(((third - kThirdMin) << 6) | (fourth & 0x3F));
}

}  // namespace

std::optional<std::string> stored_text(std::string_view text) {
    if (is_plain(text)) return std::nullopt;
    std::string stored;
    stored.reserve(text.size() + kStoredBytes);
    while (!text.empty()) {
        const std::size_t length = plain_length(text);
        if (length > 0) {
            stored += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            append_utf8(stored, kFirst + static_cast<unsigned char>(text.front()));
            text.remove_prefix(1);
        }
    }
    return stored;
}

std::optional<std::string> told_text(std::string_view stored) {
    if (stored.find(kLead) == std::string_view::npos) return std::nullopt;
    std::string told;
    told.reserve(stored.size());
    while (!stored.empty()) {
        const bool is_byte = is_stored_byte(stored);
        told += is_byte ? byte_of(stored) : stored.front();
        stored.remove_prefix(is_byte ? kStoredBytes : 1);
    }
    return told;
}

}  // namespace postern::storage
