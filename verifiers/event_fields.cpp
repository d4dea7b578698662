#include "verifiers/event_fields.hpp"

#include "core/money.hpp"
#include "core/numbers.hpp"

namespace postern::verifiers {

std::string_view first_text(JsonValue first, JsonValue second) {
    return first.text().empty() ? second.text() : first.text();
}

void set_currency(UnifiedEvent& event, std::string_view code) {
    event.currency = upper_case(code);
}

void set_minor_amount(UnifiedEvent& event, JsonValue minor, int exponent) {
    const auto units = parse_integer(whole_number(minor.text()));
    if (!units) return;
    event.amount = decimal_from_minor(*units, exponent, event.currency).value_or("");
}

std::string_view whole_number(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos || dot + 1 == text.size()) return text;
    if (text.find_first_not_of('0', dot + 1) != std::string_view::npos) return text;
    return text.substr(0, dot);
}

void set_decimal_amount(UnifiedEvent& event, std::string_view decimal) {
    event.amount = decimal_amount(decimal, event.currency).value_or("");
}

}  // namespace postern::verifiers
