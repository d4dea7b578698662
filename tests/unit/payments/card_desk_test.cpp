#include "payments/card_desk.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

constexpr const char* kNumber = "4242424242424242";

CardDesk::VaultKey vault_key(char filled_with) {
    return {.id = std::string{"k"} + filled_with, .key_32_bytes = std::string(32, filled_with)};
}

CardDesk desk_with(std::vector<CardDesk::VaultKey> keys) {
    return CardDesk{"fingerprint secret", std::move(keys)};
}

struct AccountCase {
    const char* name;
    const char* account;
    const char* routing;
    bool taken;
};

TEST(CardDesk, TakesAccountsOfUsBanks) {
    const AccountCase cases[] = {
        {"the documented one", "000123456789", "110000000", true},
        {"with spaces and dashes", "0001-2345 6789", "021 000 021", true},
        {"the shortest", "1234", "110000000", true},
        {"the longest", "12345678901234567", "110000000", true},
        {"too short", "123", "110000000", false},
        {"too long", "123456789012345678", "110000000", false},
        {"letters", "12345x", "110000000", false},
        {"no account", "", "110000000", false},
        {"a wrong check digit", "000123456789", "110000001", false},
        {"eight digits", "000123456789", "11000000", false},
        {"zeros alone", "000123456789", "000000000", false},
        {"no bank", "000123456789", "", false},
    };
    const CardDesk desk = desk_with({});
    for (const AccountCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const auto bank = desk.tokenise_bank(test_case.account, test_case.routing);
        EXPECT_EQ(bank.has_value(), test_case.taken);
        if (!bank) {
            EXPECT_EQ(bank.error().message.find("12345"), std::string::npos);
        }
    }
}

TEST(CardDesk, KeepsOfAnAccountWhatMayBeKept) {
    const CardDesk desk = desk_with({});
    const auto bank = desk.tokenise_bank("000123456789", "110000000");
    ASSERT_TRUE(bank);
    EXPECT_EQ(bank->last4, "6789");
    EXPECT_EQ(bank->routing_number, "110000000");
    EXPECT_TRUE(bank->fingerprint.starts_with("fp_"));
    EXPECT_EQ(desk.tokenise_bank("000-123456789", "110000000")->fingerprint, bank->fingerprint);
    EXPECT_NE(desk.tokenise_bank("000123456789", "021000021")->fingerprint, bank->fingerprint);
}

TEST(CardDesk, TokenisesUnderItsOwnKey) {
    CardInput input;
    input.number = kNumber;
    input.exp_month = "1";
    input.exp_year = "2030";
    const auto here = desk_with({}).tokenise(input, {});
    const auto there = CardDesk{"another secret", {}}.tokenise(input, {});
    ASSERT_TRUE(here && there);
    EXPECT_NE(here->fingerprint, there->fingerprint);
}

TEST(CardVault, OpensWhatItSealed) {
    const CardDesk desk = desk_with({vault_key('a')});
    ASSERT_TRUE(desk.has_vault());
    const std::string sealed = desk.seal("4242 4242 4242 4242", PaymentMethodId{7});
    EXPECT_TRUE(sealed.starts_with("ka:"));
    EXPECT_EQ(sealed.find("4242"), std::string::npos);
    EXPECT_NE(sealed, desk.seal(kNumber, PaymentMethodId{7})) << "a nonce of its own each time";
    EXPECT_EQ(desk.open(sealed, PaymentMethodId{7}), kNumber);
}

TEST(CardVault, RotatesItsKeys) {
    const std::string old = desk_with({vault_key('a')}).seal(kNumber, PaymentMethodId{7});
    const CardDesk rotated = desk_with({vault_key('b'), vault_key('a')});
    EXPECT_EQ(rotated.open(old, PaymentMethodId{7}), kNumber);
    EXPECT_TRUE(rotated.seal(kNumber, PaymentMethodId{7}).starts_with("kb:"));
    EXPECT_EQ(desk_with({vault_key('b')}).open(old, PaymentMethodId{7}), std::nullopt);
}

TEST(CardVault, OpensNothingElse) {
    const CardDesk desk = desk_with({vault_key('a')});
    const std::string sealed = desk.seal(kNumber, PaymentMethodId{7});
    std::string changed = sealed;
    changed[10] = changed[10] == 'A' ? 'B' : 'A';
    const std::string texts[] = {
        "", "ka", "ka:", "ka:AAAA", ":" + sealed, changed, sealed.substr(0, sealed.size() - 4)};
    for (const std::string& text : texts) {
        SCOPED_TRACE(text);
        EXPECT_EQ(desk.open(text, PaymentMethodId{7}), std::nullopt);
    }
    EXPECT_EQ(desk.open(sealed, PaymentMethodId{8}), std::nullopt) << "another method's number";
    EXPECT_FALSE(desk_with({}).has_vault());
    EXPECT_EQ(desk_with({}).open(sealed, PaymentMethodId{7}), std::nullopt);
}

}  // namespace
}  // namespace postern::payments
