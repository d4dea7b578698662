#include "core/money.hpp"
#include "core/numbers.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <array>

// An amount that was printed is printed the same again, and minor units survive the way back.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<std::string_view, 5> currencies = {"USD", "JPY", "KWD", "CLF", "UGX"};
    const auto [choice, text] = postern::chosen_input(data, size);
    const std::string_view currency = currencies[choice % currencies.size()];
    postern::is_currency_code(text);
    if (const auto printed = postern::decimal_amount(text, currency)) {
        POSTERN_ASSERT(postern::decimal_amount(*printed, currency) == printed);
        if (const auto minor = postern::minor_units(*printed, currency)) {
            const int exponent = postern::iso_exponent(currency);
            const auto back = postern::decimal_from_minor(*minor, exponent, currency);
            POSTERN_ASSERT(back && postern::minor_units(*back, currency) == minor);
        }
    }
    if (const auto number = postern::parse_integer(text)) {
        postern::decimal_from_minor(*number, static_cast<int>(choice % 5), currency);
    }
    return 0;
}
