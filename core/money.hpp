#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Amounts are exact decimal text or 64-bit minor units. No function here knows a double.
namespace postern {

// The number of decimals ISO 4217 gives a currency: 2 unless it is one of the exceptions.
int iso_exponent(std::string_view currency);

bool is_currency_code(std::string_view text);  // three ASCII letters, either case
std::string upper_case(std::string_view text);

// "-12.5" with currency KWD becomes "-12.500". Exactly the ISO number of decimals, more only when
// the text really carries more precision. Takes no exponent, sign '+', or empty part.
std::optional<std::string> decimal_amount(std::string_view text, std::string_view currency);

// A JSON number as it was spelled, without its exponent: "6.2723E4" becomes "62723". Some senders
// print large or round numbers so. nullopt for an exponent that no amount needs.
std::optional<std::string> plain_decimal(std::string_view json_number);

// 9999 minor units of a provider that counts `exponent` decimals for this currency.
std::optional<std::string>
decimal_from_minor(std::int64_t minor, int exponent, std::string_view currency);

// The ISO minor units of a decimal amount, if it is a whole number of them and fits.
std::optional<std::int64_t> minor_units(std::string_view decimal, std::string_view currency);

}  // namespace postern
