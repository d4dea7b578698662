#include "payments/domain/ids.hpp"

#include "core/assert.hpp"

#include <algorithm>
#include <array>

namespace postern::payments::detail {
namespace {

constexpr std::size_t kHexLength = 32;
constexpr std::size_t kUuidLength = 36;
constexpr std::array<std::size_t, 4> kDashesAt = {8, 13, 18, 23};

}  // namespace

std::string without_dashes(std::string_view encoded, std::string_view prefix) {
    POSTERN_ASSERT(encoded.starts_with(prefix));
    encoded.remove_prefix(prefix.size());
    std::string digits;
    digits.reserve(kHexLength);
    std::copy_if(encoded.begin(), encoded.end(), std::back_inserter(digits), [](char c) {
        return c != '-';
    });
    return digits;
}

// Only the shape is looked at: the codec spells the number again and compares every letter.
std::optional<std::string> with_dashes(std::string_view text, std::string_view prefix) {
    if (text.size() != kHexLength && text.size() != kUuidLength) return std::nullopt;
    std::string spelled{text};
    if (text.size() == kHexLength) {
        for (const std::size_t at : kDashesAt) spelled.insert(at, 1, '-');
    }
    spelled.insert(0, prefix);
    return spelled;
}

}  // namespace postern::payments::detail
