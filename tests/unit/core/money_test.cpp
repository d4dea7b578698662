#include "core/money.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

struct DecimalCase {
    const char* name;
    const char* text;
    const char* currency;
    std::optional<std::string> amount;
};

TEST(Money, PrintsExactlyTheDecimalsOfTheCurrency) {
    const DecimalCase cases[] = {
        {"adds what is missing", "5.1", "USD", "5.10"},
        {"keeps three for KWD", "5.12", "KWD", "5.120"},
        {"drops empty decimals of JPY", "1099.00", "JPY", "1099"},
        {"keeps real precision", "0.1234", "USD", "0.1234"},
        {"drops leading zeros", "0005.10", "USD", "5.10"},
        {"keeps a minus", "-3", "EUR", "-3.00"},
        {"refuses an exponent", "1e3", "USD", std::nullopt},
        {"refuses a plus", "+1", "USD", std::nullopt},
        {"refuses an empty fraction", "1.", "USD", std::nullopt},
        {"refuses nothing", "", "USD", std::nullopt},
    };
    for (const DecimalCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(decimal_amount(test_case.text, test_case.currency), test_case.amount);
    }
}

TEST(Money, SpellsNumbersWithoutAnExponent) {
    const DecimalCase cases[] = {
        {"leaves a plain number alone", "16.66", "", "16.66"},
        {"moves the point to the right", "6.2723E4", "", "62723"},
        {"fills with zeros", "1e+3", "", "1000"},
        {"keeps a fraction", "1.2345e2", "", "123.45"},
        {"moves the point to the left", "5e-2", "", "0.05"},
        {"keeps a minus", "-1.5E1", "", "-15"},
        {"refuses what no amount needs", "1e31", "", std::nullopt},
        {"refuses an empty exponent", "1e", "", std::nullopt},
    };
    for (const DecimalCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(plain_decimal(test_case.text), test_case.amount);
    }
}

TEST(Money, ReadsMinorUnitsWithTheProvidersExponent) {
    EXPECT_EQ(decimal_from_minor(9999, 2, "USD"), "99.99");
    EXPECT_EQ(decimal_from_minor(5, 2, "USD"), "0.05");
    EXPECT_EQ(decimal_from_minor(-5, 2, "USD"), "-0.05");
    EXPECT_EQ(decimal_from_minor(1099, 0, "JPY"), "1099");
    EXPECT_EQ(decimal_from_minor(100'000, 2, "UGX"), "1000");
    EXPECT_EQ(decimal_from_minor(100'050, 2, "UGX"), "1000.5");
}

TEST(Money, CountsMinorUnitsOnlyWhenWhole) {
    EXPECT_EQ(minor_units("99.99", "USD"), 9999);
    EXPECT_EQ(minor_units("5.120", "KWD"), 5120);
    EXPECT_EQ(minor_units("1000.5", "UGX"), std::nullopt);
    EXPECT_EQ(minor_units("92233720368547758.08", "USD"), std::nullopt);
}

}  // namespace
}  // namespace postern
