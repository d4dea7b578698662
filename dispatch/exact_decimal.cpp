#include "dispatch/exact_decimal.hpp"

#include "core/numbers.hpp"

#include <algorithm>

namespace postern::dispatch {
namespace {

constexpr std::int64_t kExponentMax = 1'000'000;

bool is_digits(std::string_view text) {
    return !text.empty()
           && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int64_t> take_exponent(std::string_view& text) {
    const auto mark = text.find_first_of("eE");
    if (mark == std::string_view::npos) return 0;
    std::string_view power = text.substr(mark + 1);
    text = text.substr(0, mark);
    if (power.starts_with('+') && power.substr(0, 2) != "+-") power.remove_prefix(1);
    const auto exponent = parse_integer(power);
    if (!exponent || *exponent > kExponentMax || *exponent < -kExponentMax) return std::nullopt;
    return exponent;
}

}  // namespace

std::optional<ExactDecimal> ExactDecimal::parse(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto exponent = take_exponent(text);
    if (!exponent) return std::nullopt;
    const auto dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    if (!is_digits(whole)) return std::nullopt;
    ExactDecimal decimal;
    decimal.digits_ = whole;
    if (dot != std::string_view::npos) {
        const std::string_view fraction = text.substr(dot + 1);
        if (!is_digits(fraction)) return std::nullopt;
        decimal.digits_ += fraction;
    }
    const auto first = decimal.digits_.find_first_not_of('0');
    if (first == std::string::npos) return ExactDecimal{};
    decimal.digits_.erase(decimal.digits_.find_last_not_of('0') + 1);
    decimal.digits_.erase(0, first);
    decimal.point_ =
        static_cast<std::int64_t>(whole.size()) - static_cast<std::int64_t>(first) + *exponent;
    decimal.sign_ = negative ? Sign::minus : Sign::plus;
    return decimal;
}

std::strong_ordering ExactDecimal::operator<=>(const ExactDecimal& other) const {
    if (sign_ != other.sign_) return sign_ <=> other.sign_;
    const ExactDecimal& left = sign_ == Sign::minus ? other : *this;
    const ExactDecimal& right = sign_ == Sign::minus ? *this : other;
    if (left.point_ != right.point_) return left.point_ <=> right.point_;
    return left.digits_.compare(right.digits_) <=> 0;
}

}  // namespace postern::dispatch
