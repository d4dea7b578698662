#include "verifiers/event_fields.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

struct AmountCase {
    const char* name;
    const char* json;
    int exponent;
    const char* currency;
    const char* amount;
};

const AmountCase kAmountCases[] = {
    {"cents", "9999", 2, "USD", "99.99"},
    {"cents in quotes", R"("9999")", 2, "USD", "99.99"},
    {"a fraction of zeroes", "9999.0", 2, "USD", "99.99"},
    {"nothing", "0", 2, "EUR", "0.00"},
    {"no decimals", "1099", 0, "JPY", "1099"},
    {"three decimals", "5120", 3, "KWD", "5.120"},
    {"money going back", "-250", 2, "EUR", "-2.50"},
    {"a real fraction is no integer", "99.5", 2, "USD", ""},
    {"a dot and nothing", R"("99.")", 2, "USD", ""},
    {"an exponent is no integer", "1e3", 2, "USD", ""},
    {"null", "null", 2, "USD", ""},
    {"more than fits", "99999999999999999999", 2, "USD", ""},
};

TEST(EventFields, ReadMinorAmountsExactly) {
    for (const AmountCase& test_case : kAmountCases) {
        SCOPED_TRACE(test_case.name);
        const auto document = JsonDocument::parse(test_case.json);
        ASSERT_TRUE(document.has_value());
        UnifiedEvent event;
        set_currency(event, test_case.currency);
        set_minor_amount(event, document->root(), test_case.exponent);
        EXPECT_EQ(event.amount, test_case.amount);
    }
}

TEST(EventFields, TakeAFractionOfZeroesFromANumber) {
    EXPECT_EQ(whole_number("12"), "12");
    EXPECT_EQ(whole_number("12.000"), "12");
    EXPECT_EQ(whole_number("-12.0"), "-12");
    EXPECT_EQ(whole_number("12.01"), "12.01");
    EXPECT_EQ(whole_number("12."), "12.");
    EXPECT_EQ(whole_number(""), "");
}

}  // namespace
}  // namespace postern::verifiers
