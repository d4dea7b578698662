#include "core/ids.hpp"

#include "core/assert.hpp"
#include "core/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace postern {
namespace {

constexpr std::uint64_t kLowMask = (std::uint64_t{1} << kIdLowBits) - 1;
constexpr int kTagBits = 54;  // what is left of a UUIDv7's 74 free bits after the 20 low ones
constexpr std::uint64_t kTagMask = (std::uint64_t{1} << kTagBits) - 1;
constexpr std::array<std::size_t, 4> kDashesAt = {8, 13, 18, 23};
constexpr std::size_t kUuidLength = 36;

std::string with_dashes(std::string_view hex) {
    std::string text{hex};
    for (const std::size_t at : kDashesAt) text.insert(at, 1, '-');
    return text;
}

std::optional<std::string> without_dashes(std::string_view text) {
    if (text.size() != kUuidLength) return std::nullopt;
    std::string hex;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = std::find(kDashesAt.begin(), kDashesAt.end(), i) != kDashesAt.end();
        if (dash != (text[i] == '-')) return std::nullopt;
        if (!dash) hex += text[i];
    }
    return hex;
}

}  // namespace

TimePoint time_of_id(std::int64_t id) {
    return from_unix_milliseconds(id >> kIdLowBits);
}

unsigned node_of_id(std::int64_t id) {
    return static_cast<unsigned>((id >> kIdSequenceBits) & ((1 << kIdNodeBits) - 1));
}

std::int64_t first_id_at(TimePoint at) {
    return std::max<std::int64_t>(0, unix_milliseconds(at)) << kIdLowBits;
}

IdGenerator::IdGenerator(unsigned node, std::int64_t last_used) : last_{last_used} {
    set_node(node);
}

void IdGenerator::set_node(unsigned node) {
    POSTERN_ASSERT(node < (1U << kIdNodeBits));
    const std::lock_guard lock{mutex_};
    node_ = std::int64_t{node} << kIdSequenceBits;
    // Counting on from another node's id would give ids in that node's name.
    constexpr std::int64_t node_mask = ((std::int64_t{1} << kIdNodeBits) - 1) << kIdSequenceBits;
    if (last_ != 0 && (last_ & node_mask) != node_) last_ = next_millisecond_after(last_) - 1;
}

void IdGenerator::go_on_after(std::int64_t id) {
    const std::lock_guard lock{mutex_};
    if (id > last_) last_ = next_millisecond_after(id) - 1;
}

std::int64_t IdGenerator::next_millisecond_after(std::int64_t id) const {
    return (((id >> kIdLowBits) + 1) << kIdLowBits) | node_;
}

std::int64_t IdGenerator::next(TimePoint now) {
    const std::lock_guard lock{mutex_};
    const std::int64_t fresh = first_id_at(now) | node_;
    if (fresh > last_) {
        last_ = fresh;
        return last_;
    }
    // More than one in this millisecond, or a clock that went back: count on. A full sequence
    // borrows the next millisecond.
    std::int64_t next = last_ + 1;
    const std::int64_t sequence_mask = (std::int64_t{1} << kIdSequenceBits) - 1;
    if ((next & sequence_mask) == 0) {
        next = next_millisecond_after(last_);
    }
    last_ = next;
    return last_;
}

std::uint64_t IdCodec::tag(std::string_view prefix, std::int64_t value) const {
    std::array<char, 16> bytes{};
    std::memcpy(bytes.data(), &value, sizeof value);
    std::memcpy(
        bytes.data() + sizeof value, prefix.data(), std::min<std::size_t>(8, prefix.size())
    );
    return sip_hash(key_, {bytes.data(), bytes.size()}) & kTagMask;
}

// Bits, from the top: 48 milliseconds, 4 version (7), 12 low bits' upper part; then 2 variant,
// 8 low bits' lower part, 54 tag. The order of texts is the order of numbers.
std::string IdCodec::encode(std::string_view prefix, std::int64_t value) const {
    const auto number = static_cast<std::uint64_t>(value);
    const std::uint64_t low = number & kLowMask;
    const std::uint64_t high =
        ((number >> kIdLowBits) << 16) | (std::uint64_t{7} << 12) | (low >> 8);
    const std::uint64_t rest =
        (std::uint64_t{2} << 62) | ((low & 0xff) << kTagBits) | tag(prefix, value);
    std::array<char, 16> bytes{};
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<char>((high >> (56 - 8 * i)) & 0xff);
        bytes[8 + i] = static_cast<char>((rest >> (56 - 8 * i)) & 0xff);
    }
    std::string text{prefix};
    text += with_dashes(to_hex({bytes.data(), bytes.size()}));
    return text;
}

std::optional<std::int64_t> IdCodec::decode(std::string_view prefix, std::string_view text) const {
    if (text.substr(0, prefix.size()) != prefix) return std::nullopt;
    const auto hex = without_dashes(text.substr(prefix.size()));
    const auto bytes = hex ? from_hex(*hex) : std::nullopt;
    if (!bytes) return std::nullopt;
    std::uint64_t high = 0;
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        high = (high << 8) | static_cast<unsigned char>((*bytes)[i]);
        rest = (rest << 8) | static_cast<unsigned char>((*bytes)[8 + i]);
    }
    const std::uint64_t low = ((high & 0xfff) << 8) | ((rest >> kTagBits) & 0xff);
    const std::uint64_t number = ((high >> 16) << kIdLowBits) | low;
    if (number >> 63 != 0) return std::nullopt;
    const auto value = static_cast<std::int64_t>(number);
    // Spelled again and compared whole: version, variant, tag and letter case are all checked.
    if (!equal_in_constant_time(encode(prefix, value), text)) return std::nullopt;
    return value;
}

}  // namespace postern
