#include "payments/domain/card.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

const HmacKey kKey{HashAlgorithm::sha256, "a secret beside the store"};

struct Typed {
    std::string number = "4242424242424242";
    std::string month = "12";
    std::string year = "2030";
    std::string cvc = "123";
};

CardInput input_of(const Typed& typed) {
    CardInput input;
    input.number = typed.number;
    input.exp_month = typed.month;
    input.exp_year = typed.year;
    input.cvc = typed.cvc;
    input.holder_name = "Zhang San";
    return input;
}

// A digit that makes the number pass the check.
std::string whole(std::string digits) {
    for (char last = '0'; last <= '9'; ++last) {
        const std::string number = digits + last;
        const auto card = tokenise(input_of({.number = number, .cvc = ""}), kKey, {});
        if (card) return number;
    }
    return digits + "0";
}

TEST(Tokenise, KeepsWhatMayBeKept) {
    const auto card = tokenise(input_of({.number = " 4242 4242-4242 4242 "}), kKey, {});
    ASSERT_TRUE(card);
    EXPECT_EQ(card->brand, CardBrand::visa);
    EXPECT_EQ(card->last4, "4242");
    EXPECT_EQ(card->exp_month, 12);
    EXPECT_EQ(card->exp_year, 2030);
    EXPECT_EQ(card->holder_name, "Zhang San");
    EXPECT_EQ(card->funding, "credit");
    EXPECT_EQ(card->country, "US");
    EXPECT_EQ(card->cvc_check, Card::CvcCheck::pass);
    EXPECT_TRUE(card->fingerprint.starts_with("fp_"));
    EXPECT_EQ(card->fingerprint.size(), 27U);
    EXPECT_EQ(card->fingerprint.find("4242"), std::string::npos);
}

TEST(Tokenise, FingerprintsTheNumberUnderTheKey) {
    const auto fingerprint = [](const Typed& typed, const HmacKey& key) {
        return tokenise(input_of(typed), key, {})->fingerprint;
    };
    const HmacKey other_key{HashAlgorithm::sha256, "another secret"};
    const std::string first = fingerprint({}, kKey);
    EXPECT_EQ(fingerprint({.number = "4242 4242 4242 4242", .year = "2040"}, kKey), first);
    EXPECT_NE(fingerprint({.number = "4000056655665556"}, kKey), first);
    EXPECT_NE(fingerprint({}, other_key), first);
}

struct BrandCase {
    const char* digits;  // without the last
    CardBrand brand;
};

TEST(Tokenise, TellsBrandsByTheirRanges) {
    const BrandCase cases[] = {
        {"411111111111111", CardBrand::visa},       {"411111111111", CardBrand::visa},
        {"411111111111111111", CardBrand::visa},    {"510000000000000", CardBrand::mastercard},
        {"559999999999999", CardBrand::mastercard}, {"222100000000000", CardBrand::mastercard},
        {"272099999999999", CardBrand::mastercard}, {"222000000000000", CardBrand::unknown},
        {"272100000000000", CardBrand::unknown},    {"34000000000000", CardBrand::amex},
        {"37000000000000", CardBrand::amex},        {"601100000000000", CardBrand::discover},
        {"644000000000000", CardBrand::discover},   {"650000000000000", CardBrand::discover},
        {"305000000000000", CardBrand::diners},     {"3600000000000", CardBrand::diners},
        {"352800000000000", CardBrand::jcb},        {"358900000000000", CardBrand::jcb},
        {"620000000000000", CardBrand::unionpay},   {"620000000000000000", CardBrand::unionpay},
        {"500000000000000", CardBrand::unknown},
    };
    for (const BrandCase& test_case : cases) {
        SCOPED_TRACE(test_case.digits);
        const std::string number = whole(test_case.digits);
        const auto card = tokenise(input_of({.number = number, .cvc = ""}), kKey, {});
        ASSERT_TRUE(card);
        EXPECT_EQ(to_text(card->brand), to_text(test_case.brand));
        EXPECT_EQ(card->last4, number.substr(number.size() - 4));
    }
}

TEST(Tokenise, SaysOfUnlistedNumbersOnlyWhatTheyTell) {
    const auto card = tokenise(input_of({.number = "4111111111111111"}), kKey, {});
    ASSERT_TRUE(card);
    EXPECT_EQ(card->scenario, CardScenario::succeeds);
    EXPECT_EQ(card->funding, "unknown");
    EXPECT_EQ(card->country, "");
}

struct FaultCase {
    const char* name;
    Typed typed;
    std::optional<CardFault> fault;
};

std::optional<CardFault> fault_of(const Typed& typed, const TokeniseRules& rules = {}) {
    const auto card = tokenise(input_of(typed), kKey, rules);
    if (card) return std::nullopt;
    return card.error();
}

TEST(Tokenise, RefusesWhatIsNoCardNumber) {
    const FaultCase cases[] = {
        {"nothing", {.number = ""}, CardFault::number},
        {"a wrong last digit", {.number = "4242424242424241"}, CardFault::number},
        {"two digits changed over", {.number = "2442424242424242"}, CardFault::number},
        {"too short for its brand", {.number = "42424242424242"}, CardFault::number},
        {"too long", {.number = "42424242424242424242"}, CardFault::number},
        {"letters", {.number = "4242a42424242424"}, CardFault::number},
        {"zeros alone", {.number = "0000000000000000"}, CardFault::number},
        {"an airline's", {.number = "1000000000000008"}, CardFault::number},
        {"other digits", {.number = "４２４２４２４２４２４２４２４２"}, CardFault::number},
        {"endless", {.number = std::string(100'000, '4')}, CardFault::number},
    };
    for (const FaultCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(fault_of(test_case.typed), test_case.fault);
    }
}

TEST(Tokenise, ReadsMonthsYearsAndCodes) {
    const std::string amex = "378282246310005";
    const FaultCase cases[] = {
        {"a short month", {.month = "5"}, std::nullopt},
        {"a padded month", {.month = "05"}, std::nullopt},
        {"month nought", {.month = "0"}, CardFault::month},
        {"month thirteen", {.month = "13"}, CardFault::month},
        {"a long month", {.month = "005"}, CardFault::month},
        {"a month with a sign", {.month = "+5"}, CardFault::month},
        {"no month", {.month = ""}, CardFault::month},
        {"the first year", {.year = "2020"}, std::nullopt},
        {"the last year", {.year = "2099"}, std::nullopt},
        {"a short year", {.year = "30"}, std::nullopt},
        {"a year too early", {.year = "2019"}, CardFault::year},
        {"a short year too early", {.year = "19"}, CardFault::year},
        {"a year too late", {.year = "2100"}, CardFault::year},
        {"three digits", {.year = "203"}, CardFault::year},
        {"no year", {.year = ""}, CardFault::year},
        {"a negative year", {.year = "-1"}, CardFault::year},
        {"no code", {.cvc = ""}, std::nullopt},
        {"a short code", {.cvc = "12"}, CardFault::cvc},
        {"a code too long", {.cvc = "1234"}, CardFault::cvc},
        {"a code of letters", {.cvc = "12x"}, CardFault::cvc},
        {"four for amex", {.number = amex, .cvc = "1234"}, std::nullopt},
        {"three for amex", {.number = amex, .cvc = "123"}, CardFault::cvc},
    };
    for (const FaultCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(fault_of(test_case.typed), test_case.fault);
    }
    EXPECT_EQ(tokenise(input_of({.month = "5", .year = "31"}), kKey, {})->exp_year, 2031);
}

TEST(Tokenise, LooksAtTheCalendarOfLiveCardsOnly) {
    const Typed december{.month = "12", .year = "2025"};
    EXPECT_EQ(fault_of(december), std::nullopt) << "test cards never run out";
    const auto in = [](int year, int month) {
        return TokeniseRules{.expiry = ExpiryRule::not_past, .year_now = year, .month_now = month};
    };
    EXPECT_EQ(fault_of(december, in(2025, 12)), std::nullopt) << "good to the end of its month";
    EXPECT_EQ(fault_of(december, in(2026, 1)), CardFault::expired);
    EXPECT_EQ(fault_of({.month = "11", .year = "2025"}, in(2025, 12)), CardFault::expired);
    EXPECT_EQ(fault_of({.month = "1", .year = "2026"}, in(2025, 12)), std::nullopt);
}

TEST(Tokenise, ChecksTheCodeAsTheScenarioSays) {
    const auto check = [](const Typed& typed) {
        return tokenise(input_of(typed), kKey, {})->cvc_check;
    };
    EXPECT_EQ(check({}), Card::CvcCheck::pass);
    EXPECT_EQ(check({.cvc = ""}), Card::CvcCheck::unchecked);
    EXPECT_EQ(check({.number = "4000000000000127"}), Card::CvcCheck::fail);
}

TEST(CardInput, LeavesNothingInTheRoomThatItHad) {
    std::string amex = "378282246310005";  // short enough to lie inside the string itself
    const char* room = amex.data();
    const ForgottenText kept{std::move(amex)};
    EXPECT_EQ(kept.text(), "378282246310005");
    EXPECT_EQ(std::string(room, 15), std::string(15, '\0'));

    std::string cut = "4242424242424242 and more";
    cut.resize(2);
    const char* heap = cut.data();
    const std::size_t capacity = cut.capacity();
    forget(cut);
    EXPECT_TRUE(cut.empty());
    EXPECT_EQ(std::string(heap, capacity), std::string(capacity, '\0'));
}

TEST(TypedDigits, GivesDigitsOrNothing) {
    EXPECT_EQ(typed_digits(" 4242 4242-4242 4242"), "4242424242424242");
    EXPECT_EQ(typed_digits("4242.4242"), "");
    EXPECT_EQ(typed_digits(""), "");
}

}  // namespace
}  // namespace postern::payments
