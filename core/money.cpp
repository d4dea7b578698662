#include "core/money.hpp"

#include "core/numbers.hpp"

#include <algorithm>
#include <array>

namespace postern {
namespace {

constexpr std::array<std::string_view, 17> kNoDecimals = {
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF"};
constexpr std::array<std::string_view, 7> kThreeDecimals =
    {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
constexpr std::array<std::string_view, 2> kFourDecimals = {"CLF", "UYW"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& codes, std::string_view code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

constexpr std::int64_t kDecimalExponentMax = 30;

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

int iso_exponent(std::string_view currency) {
    const std::string code = upper_case(currency);
    if (contains(kNoDecimals, code)) return 0;
    if (contains(kThreeDecimals, code)) return 3;
    if (contains(kFourDecimals, code)) return 4;
    return 2;
}

bool is_currency_code(std::string_view text) {
    return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
}

std::string upper_case(std::string_view text) {
    std::string upper{text};
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
    return upper;
}

std::optional<std::string> decimal_amount(std::string_view text, std::string_view currency) {
    std::string amount;
    if (!text.empty() && text.front() == '-') {
        amount = "-";
        text.remove_prefix(1);
    }
    const auto dot = text.find('.');
    std::string_view whole = text.substr(0, dot);
    std::string_view fraction =
        dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
    if (whole.empty() || !all_digits(whole) || !all_digits(fraction)) return std::nullopt;
    if (dot != std::string_view::npos && fraction.empty()) return std::nullopt;
    while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
    const auto decimals = static_cast<std::size_t>(iso_exponent(currency));
    while (fraction.size() > decimals && fraction.back() == '0') fraction.remove_suffix(1);
    amount += whole;
    if (fraction.empty() && decimals == 0) return amount;
    amount += '.';
    amount += fraction;
    if (fraction.size() < decimals) amount.append(decimals - fraction.size(), '0');
    return amount;
}

std::optional<std::string> plain_decimal(std::string_view json_number) {
    const auto mark = json_number.find_first_of("eE");
    if (mark == std::string_view::npos) return std::string{json_number};
    std::string_view power = json_number.substr(mark + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    const auto exponent = parse_integer(power);
    if (!exponent || *exponent > kDecimalExponentMax || *exponent < -kDecimalExponentMax) {
        return std::nullopt;
    }
    std::string digits{json_number.substr(0, mark)};
    const std::string sign = digits.starts_with('-') ? "-" : "";
    digits.erase(0, sign.size());
    const auto dot = digits.find('.');
    auto point = static_cast<std::int64_t>(dot == std::string::npos ? digits.size() : dot);
    if (dot != std::string::npos) digits.erase(dot, 1);
    point += *exponent;
    if (point <= 0) {
        digits.insert(0, static_cast<std::size_t>(1 - point), '0');
        point = 1;
    }
    const auto whole = static_cast<std::size_t>(point);
    if (digits.size() < whole) digits.append(whole - digits.size(), '0');
    if (digits.size() > whole) digits.insert(whole, ".");
    return sign + digits;
}

std::optional<std::string>
decimal_from_minor(std::int64_t minor, int exponent, std::string_view currency) {
    std::string digits = std::to_string(minor);
    std::string sign;
    if (digits.front() == '-') {
        sign = "-";
        digits.erase(0, 1);
    }
    const auto decimals = static_cast<std::size_t>(exponent);
    if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
    if (decimals > 0) digits.insert(digits.size() - decimals, ".");
    sign += digits;
    return decimal_amount(sign, currency);
}

std::optional<std::int64_t> minor_units(std::string_view decimal, std::string_view currency) {
    const auto dot = decimal.find('.');
    std::string digits{decimal.substr(0, dot)};
    std::string_view fraction =
        dot == std::string_view::npos ? std::string_view{} : decimal.substr(dot + 1);
    const auto decimals = static_cast<std::size_t>(iso_exponent(currency));
    while (fraction.size() > decimals && fraction.back() == '0') fraction.remove_suffix(1);
    if (fraction.size() > decimals) return std::nullopt;
    digits += fraction;
    digits.append(decimals - fraction.size(), '0');
    return parse_integer(digits);
}

}  // namespace postern
