#pragma once

#include "core/json_document.hpp"
#include "core/unified_event.hpp"

#include <string_view>

// Small steps from a provider's JSON to our words that most providers share.
namespace postern::verifiers {

// The text of a string or number; the second one's when the first has none.
std::string_view first_text(JsonValue first, JsonValue second);

// The currency must be set first: it decides how amounts are printed. What is no amount stays out.
void set_currency(UnifiedEvent& event, std::string_view code);
// An integer, as a number or in quotes, of which `exponent` digits are decimals.
void set_minor_amount(UnifiedEvent& event, JsonValue minor, int exponent);
// "9999.0" as "9999": some senders write every number with a fraction, which changes no amount. Any
// other text stays as it is.
std::string_view whole_number(std::string_view text);
// Major units with a decimal point.
void set_decimal_amount(UnifiedEvent& event, std::string_view decimal);

}  // namespace postern::verifiers
