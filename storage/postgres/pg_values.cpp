#include "storage/postgres/pg_values.hpp"

#include "core/assert.hpp"
#include "storage/postgres/pg_text.hpp"

#include <array>
#include <limits>
#include <utility>

namespace postern::storage {
namespace {

constexpr int kBinary = 1;

template <class Number>
void append_number(std::string& out, Number value) {
    const auto bits = static_cast<std::make_unsigned_t<Number>>(value);
    for (std::size_t i = sizeof value; i-- > 0;) {
        out += static_cast<char>((bits >> (8 * i)) & 0xFF);
    }
}

// Signed, of as many bytes as there are.
std::int64_t read_number(std::string_view bytes) {
    std::uint64_t bits = 0;
    for (const char byte : bytes) bits = (bits << 8) | static_cast<unsigned char>(byte);
    const auto unused = 64 - 8 * static_cast<unsigned>(bytes.size());
    return static_cast<std::int64_t>(bits << unused) >> unused;
}

// Digits of base 10,000, of which the first stands for 10,000 to the power of the weight. Sums of
// whole numbers come like this.
std::optional<std::int64_t> read_numeric(std::string_view bytes) {
    constexpr std::size_t kHeadBytes = 8;
    constexpr std::int64_t kBase = 10'000;
    constexpr std::int64_t kPositive = 0;
    constexpr std::int64_t kNegative = 0x4000;
    if (bytes.size() < kHeadBytes) return std::nullopt;
    const std::int64_t digits = read_number(bytes.substr(0, 2));
    const std::int64_t weight = read_number(bytes.substr(2, 2));
    const std::int64_t sign = read_number(bytes.substr(4, 2));
    if (sign != kPositive && sign != kNegative) return std::nullopt;
    std::int64_t value = 0;
    for (std::int64_t i = 0; i <= weight; ++i) {
        const auto at = kHeadBytes + 2 * static_cast<std::size_t>(i);
        const std::int64_t digit = i < digits ? read_number(bytes.substr(at, 2)) : 0;
        // Below zero there is room for one more than above.
        if (__builtin_mul_overflow(value, kBase, &value)) return std::nullopt;
        if (__builtin_sub_overflow(value, digit, &value)) return std::nullopt;
    }
    if (sign == kNegative) return value;
    if (value == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
    return -value;
}

unsigned array_type(unsigned element_type) {
    switch (element_type) {
        case pg_type::kInteger8: return pg_type::kInteger8Array;
        case pg_type::kText: return pg_type::kTextArray;
        case pg_type::kBytes: return pg_type::kBytesArray;
        default: break;
    }
    POSTERN_ASSERT(!"an array of a type that is not used here");
}

}  // namespace

std::optional<std::int64_t> read_integer(const PgValue& value) {
    switch (value.type) {
        case pg_type::kBoolean:
        case pg_type::kInteger2:
        case pg_type::kInteger4:
        case pg_type::kInteger8: return read_number(value.bytes);
        case pg_type::kNumeric: return read_numeric(value.bytes);
        default: return std::nullopt;
    }
}

PgParameters::Slot& PgParameters::slot(int index) {
    const auto needed = static_cast<std::size_t>(index);
    if (slots_.size() < needed) slots_.resize(needed);
    for (; count_ < needed; ++count_) {
        slots_[count_].type = pg_type::kUnknown;
        slots_[count_].holds = Slot::Holds::nothing;
    }
    return slots_[needed - 1];
}

void PgParameters::set_integer(int index, std::int64_t value) {
    Slot& held = slot(index);
    held.type = pg_type::kInteger8;
    held.holds = Slot::Holds::own;
    held.own.clear();
    append_number(held.own, value);
}

void PgParameters::set_text(int index, std::string_view value) {
    Slot& held = slot(index);
    held.type = pg_type::kText;
    auto stored = stored_text(value);
    held.holds = stored ? Slot::Holds::own : Slot::Holds::view;
    held.view = value;
    if (stored) held.own = std::move(*stored);
}

void PgParameters::set_bytes(int index, std::string_view value) {
    Slot& held = slot(index);
    held.type = pg_type::kBytes;
    held.holds = Slot::Holds::view;
    held.view = value;
}

void PgParameters::set_array(int index, unsigned type, std::string encoded) {
    Slot& held = slot(index);
    held.type = type;
    held.holds = Slot::Holds::own;
    held.own = std::move(encoded);
}

void PgParameters::set_null(int index) {
    Slot& held = slot(index);
    held.type = pg_type::kUnknown;
    held.holds = Slot::Holds::nothing;
}

// A statement lives as long as its connection; what a big batch needed must not.
void PgParameters::clear() {
    constexpr std::size_t kKeptBytesMax = 65'536;
    for (std::size_t i = 0; i < count_; ++i) {
        if (slots_[i].own.capacity() > kKeptBytesMax) slots_[i].own = {};
    }
    count_ = 0;
}

std::span<const unsigned> PgParameters::types() {
    types_.clear();
    for (std::size_t i = 0; i < count_; ++i) types_.push_back(slots_[i].type);
    return types_;
}

PgParameters::Sendable PgParameters::sendable() {
    static_cast<void>(types());
    values_.clear();
    lengths_.clear();
    formats_.assign(count_, kBinary);
    for (std::size_t i = 0; i < count_; ++i) {
        const Slot& held = slots_[i];
        const std::string_view value =
            held.holds == Slot::Holds::own ? std::string_view{held.own} : held.view;
        const bool is_null = held.holds == Slot::Holds::nothing;
        // A null pointer is NULL, and an empty view may have one.
        const char* data = value.empty() ? "" : value.data();
        values_.push_back(is_null ? nullptr : data);
        lengths_.push_back(is_null ? 0 : static_cast<int>(value.size()));
    }
    return {
        .count = static_cast<int>(count_),
        .types = types_.data(),
        .values = values_.data(),
        .lengths = lengths_.data(),
        .formats = formats_.data()};
}

// The head of an array: dimensions, whether there may be NULLs, the elements' type, and for the one
// dimension how many there are and the number of the first.
constexpr std::size_t kArrayHeadBytes = 20;

PgArray::PgArray(unsigned element_type)
    : element_type_{element_type}, encoded_(kArrayHeadBytes, '\0') {}

void PgArray::add(std::int64_t value) {
    POSTERN_ASSERT(element_type_ == pg_type::kInteger8);
    append_number(encoded_, static_cast<std::int32_t>(sizeof value));
    append_number(encoded_, value);
    ++count_;
}

void PgArray::add(std::string_view value) {
    POSTERN_ASSERT(element_type_ != pg_type::kInteger8);
    const auto stored =
        element_type_ == pg_type::kText ? stored_text(value) : std::optional<std::string>{};
    if (stored) value = *stored;
    append_number(encoded_, static_cast<std::int32_t>(value.size()));
    encoded_ += value;
    ++count_;
}

void PgArray::add_null() {
    append_number(encoded_, std::int32_t{-1});
    ++count_;
}

unsigned PgArray::type() const {
    return array_type(element_type_);
}

std::string PgArray::take() {
    std::string head;
    append_number(head, std::int32_t{1});
    append_number(head, std::int32_t{1});
    append_number(head, static_cast<std::int32_t>(element_type_));
    append_number(head, static_cast<std::int32_t>(count_));
    append_number(head, std::int32_t{1});
    POSTERN_ASSERT(head.size() == kArrayHeadBytes);
    encoded_.replace(0, kArrayHeadBytes, head);
    std::string taken = std::move(encoded_);
    encoded_.assign(kArrayHeadBytes, '\0');
    count_ = 0;
    return taken;
}

}  // namespace postern::storage
