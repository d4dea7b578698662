#include "payments/domain/values.hpp"

#include "tests/unit/payments/domain/seeded.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace postern::payments {
namespace {

Currency currency(std::string_view code) {
    return *Currency::parse(code);
}

TEST(Currency, IsReadInEitherCaseAndKeptInLower) {
    for (const char* text : {"usd", "USD", "uSd"}) {
        SCOPED_TRACE(text);
        const auto parsed = Currency::parse(text);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->lower(), "usd");
        EXPECT_EQ(parsed->upper(), "USD");
    }
    EXPECT_EQ(Currency{}, currency("usd"));
}

TEST(Currency, RefusesWhatNobodyPaysWith) {
    for (const char* text : {"", "us", "usdd", "us1", "zzz", "xxx", "xts", "xau", "clf", "hrk"}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(Currency::parse(text), std::nullopt);
    }
    EXPECT_EQ(Currency::parse({"us\0", 3}), std::nullopt);
}

TEST(Currency, KnowsItsDecimals) {
    const struct {
        const char* code;
        int exponent;
    } cases[] = {{"usd", 2}, {"jpy", 0}, {"kwd", 3}, {"xcg", 2}, {"cny", 2}, {"krw", 0}};
    for (const auto& test_case : cases) {
        SCOPED_TRACE(test_case.code);
        EXPECT_EQ(currency(test_case.code).exponent(), test_case.exponent);
    }
}

struct DecimalCase {
    const char* name;
    const char* text;
    const char* currency;
    std::optional<std::int64_t> minor;
};

TEST(Decimals, AreReadExactlyOrNotAtAll) {
    const DecimalCase cases[] = {
        {"reads two places", "99.99", "usd", 9'999},
        {"reads one place", "99.9", "usd", 9'990},
        {"reads a whole number", "100", "usd", 10'000},
        {"reads what a double would not hold", "0.29", "usd", 29},
        {"reads the largest that fits", "92233720368547758.07", "usd", INT64_MAX},
        {"reads zero", "0.00", "usd", 0},
        {"reads empty decimals where the currency has none", "100.00", "jpy", 100},
        {"reads two places of three", "1.23", "kwd", 1'230},
        {"reads the third place of a currency that has it", "1.234", "kwd", 1'234},
        {"refuses what is no whole yen", "100.50", "jpy", std::nullopt},
        {"refuses a third place", "1.234", "usd", std::nullopt},
        {"refuses a third place that says nothing", "1.230", "usd", std::nullopt},
        {"refuses a fourth place", "1.2345", "kwd", std::nullopt},
        {"refuses nothing", "", "usd", std::nullopt},
        {"refuses a minus", "-1.00", "usd", std::nullopt},
        {"refuses a plus", "+1.00", "usd", std::nullopt},
        {"refuses an exponent", "1e3", "usd", std::nullopt},
        {"refuses a lonely dot", ".", "usd", std::nullopt},
        {"refuses a missing whole part", ".50", "usd", std::nullopt},
        {"refuses a missing fraction", "5.", "usd", std::nullopt},
        {"refuses two dots", "1.2.3", "usd", std::nullopt},
        {"refuses a comma", "1,00", "usd", std::nullopt},
        {"refuses spaces", " 1.00", "usd", std::nullopt},
        {"refuses more than fits", "92233720368547758.08", "usd", std::nullopt},
        {"refuses far more than fits", "99999999999999999999999999", "usd", std::nullopt},
    };
    for (const DecimalCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(
            minor_from_decimal(test_case.text, currency(test_case.currency)), test_case.minor
        );
    }
}

TEST(Decimals, AreComparedByThousandthsInEveryCurrency) {
    EXPECT_EQ(thousandths_of({1'000, currency("jpy")}), 1'000'000);
    EXPECT_EQ(thousandths_of({1'000, currency("usd")}), 10'000);
    EXPECT_EQ(thousandths_of({1'000, currency("kwd")}), 1'000);
    const struct {
        const char* text;
        std::optional<std::int64_t> thousandths;
    } cases[] = {
        {"5", 5'000},
        {"5.5", 5'500},
        {"5.05", 5'050},
        {"5.005", 5'005},
        {"0", 0},
        {"9223372036854775.806", INT64_MAX - 1},
        {"9223372036854775.807", std::nullopt},
        {"9223372036854775.808", std::nullopt},
        {"5.0005", std::nullopt},
        {"5.", std::nullopt},
        {".5", std::nullopt},
        {"", std::nullopt},
        {"-5", std::nullopt},
        {"5e3", std::nullopt},
        {"5,5", std::nullopt},
    };
    for (const auto& test_case : cases) {
        SCOPED_TRACE(test_case.text);
        EXPECT_EQ(thousandths_from_decimal(test_case.text), test_case.thousandths);
    }
}

TEST(Decimals, ArePrintedWithTwoPlacesOrAsManyAsAreTrue) {
    const struct {
        std::int64_t minor;
        const char* currency;
        const char* text;
    } cases[] = {
        {9'999, "usd", "99.99"},
        {5, "usd", "0.05"},
        {0, "usd", "0.00"},
        {-5, "usd", "-0.05"},
        {-123'456, "usd", "-1234.56"},
        {100, "jpy", "100.00"},
        {0, "jpy", "0.00"},
        {1'230, "kwd", "1.23"},
        {1'234, "kwd", "1.234"},
        {4, "kwd", "0.004"},
        {-1'000, "kwd", "-1.00"},
        {std::numeric_limits<std::int64_t>::min(), "usd", "-92233720368547758.08"},
    };
    for (const auto& test_case : cases) {
        SCOPED_TRACE(test_case.text);
        EXPECT_EQ(decimal_text({test_case.minor, currency(test_case.currency)}), test_case.text);
    }
}

TEST(Decimals, ComeBackAsTheyWent) {
    constexpr const char* kCodes[] = {"usd", "eur", "jpy", "krw", "kwd", "tnd", "cny", "xof"};
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Seeded random{seed};
        const Currency code = currency(random.pick(std::span{kCodes}));
        const Money money{random.below(std::int64_t{1} << (1 + random.below(61))), code};
        EXPECT_EQ(minor_from_decimal(decimal_text(money), code), money.minor);
    }
}

}  // namespace
}  // namespace postern::payments
