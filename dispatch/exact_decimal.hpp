#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::dispatch {

// A decimal number as it was spelled, to compare with others: amounts never pass through a double.
class ExactDecimal {
 public:
    // "-12.50", "6.25E4": what JSON calls a number, leading zeros allowed. nullopt for anything
    // else, and for an exponent that no quantity of this world needs.
    static std::optional<ExactDecimal> parse(std::string_view text);

    std::strong_ordering operator<=>(const ExactDecimal& other) const;
    bool operator==(const ExactDecimal& other) const = default;

 private:
    // The value is ±0.digits × 10^point. No zero leads or ends the digits; none: zero, point 0.
    enum class Sign : std::int8_t { minus = -1, zero = 0, plus = 1 };
    Sign sign_ = Sign::zero;
    std::string digits_;
    std::int64_t point_ = 0;
};

}  // namespace postern::dispatch
