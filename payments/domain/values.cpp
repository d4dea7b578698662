#include "payments/domain/values.hpp"

#include "core/money.hpp"
#include "core/numbers.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

constexpr std::size_t kPlacesShown = 2;
constexpr std::size_t kPlacesMax = 3;

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Digits with at most so many places, and at least one where there is a dot.
bool is_plain_decimal(std::string_view decimal, std::size_t places_max) {
    const auto dot = decimal.find('.');
    const std::string_view whole = decimal.substr(0, dot);
    if (whole.empty() || !all_digits(whole)) return false;
    if (dot == std::string_view::npos) return true;
    const std::string_view fraction = decimal.substr(dot + 1);
    return !fraction.empty() && fraction.size() <= places_max && all_digits(fraction);
}

}  // namespace

std::optional<std::int64_t> minor_from_decimal(std::string_view decimal, const Currency& currency) {
    const auto places_max = std::max(kPlacesShown, static_cast<std::size_t>(currency.exponent()));
    if (!is_plain_decimal(decimal, places_max)) return std::nullopt;
    return minor_units(decimal, currency.lower());
}

std::int64_t thousandths_per_minor(const Currency& currency) {
    std::int64_t thousandths = 1;
    for (auto places = static_cast<std::size_t>(currency.exponent()); places < kPlacesMax; ++places)
        thousandths *= 10;
    return thousandths;
}

std::int64_t thousandths_of(const Money& money) {
    return money.minor * thousandths_per_minor(money.currency);
}

std::optional<std::int64_t> thousandths_from_decimal(std::string_view decimal) {
    if (!is_plain_decimal(decimal, kPlacesMax)) return std::nullopt;
    const auto dot = decimal.find('.');
    std::string digits{decimal.substr(0, dot)};
    const std::string_view fraction =
        dot == std::string_view::npos ? std::string_view{} : decimal.substr(dot + 1);
    digits.append(fraction).append(kPlacesMax - fraction.size(), '0');
    const auto thousandths = parse_integer(digits);
    return thousandths == kThousandthsEnd ? std::nullopt : thousandths;
}

std::string decimal_text(const Money& money) {
    std::string digits = std::to_string(money.minor);
    const bool negative = digits.front() == '-';
    if (negative) digits.erase(0, 1);
    const auto exponent = static_cast<std::size_t>(money.currency.exponent());
    if (digits.size() <= exponent) digits.insert(0, exponent + 1 - digits.size(), '0');
    std::string fraction = digits.substr(digits.size() - exponent);
    digits.resize(digits.size() - exponent);
    while (fraction.size() > kPlacesShown && fraction.back() == '0') fraction.pop_back();
    if (fraction.size() < kPlacesShown) fraction.resize(kPlacesShown, '0');
    return (negative ? "-" : "") + digits + "." + fraction;
}

}  // namespace postern::payments
