#include "daemon/masked_text.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

TEST(SecretNames, AreKnownByAnyOfTheirWords) {
    for (const char* name :
         {"number",
          "card",
          "card_number",
          "cardNumber",
          "cvc",
          "CVC",
          "client_secret",
          "account_number",
          "bank_account",
          "password",
          "api_key",
          "payment_token",
          "private-key",
          "card[number]",
          "user.password",
          "routing_number",
          "iban",
          "X-Signature"}) {
        EXPECT_TRUE(is_secret_name(name)) << name;
    }
    for (const char* name :
         {"amount",
          "currency",
          "description",
          "idempotency_key",
          "discard",
          "monkey",
          "payment_method",
          "api_key_id",
          "",
          "_"}) {
        EXPECT_FALSE(is_secret_name(name)) << name;
    }
}

struct TextCase {
    const char* text;
    const char* masked;
};

const TextCase kTexts[] = {
    {"", ""},
    {"Blue shirt, size 42", "Blue shirt, size 42"},
    {"4242424242424242", "****"},
    {"pay with 4242 4242 4242 4242 please", "pay with **** please"},
    {"4242-4242-4242-4242", "****"},
    {"x4242424242424242y", "x****y"},
    {"378282246310005", "****"},
    {"1 4242424242424242", "****"},
    {"42424242424242421230", "****"},
    {"9007199254740993", "9007199254740993"},
    {"123456789012", "123456789012"},
    {"2026-01-28T10:00:00Z", "2026-01-28T10:00:00Z"},
    {"10000000000000000000000000000000000000000000", "****"},
    {"sk_test_0123456789abcdef", "****"},
    {"whsec_abc", "****"},
    {"/v1/customers/sk_test_0123456789abcdef", "/v1/customers/****"},
    {"/v1/customers/whsec_aB3+x/9==", "/v1/customers/****"},
    {"my key is rk_live_0123, he wrote", "my key is ****, he wrote"},
    {"pi_123_secret_456", "****"},
    {"pm_card_visa", "pm_card_visa"},
    {"-- 12 - 13 --", "-- 12 - 13 --"},
    {"ada@example.com", "a***@example.com"},
    {"a@b.c", "a***@b.c"},
    {"Ada <ada.lovelace+shop@mail.example.com>, bob@b.org",
     "Ada <a***@mail.example.com>, b***@b.org"},
    {"to:ada@example.com;bob@example.com", "to:a***@example.com;b***@example.com"},
    {"\"ada lovelace\"@example.com", "\"***@example.com"},
    {"小明@例子.com", "小***@例子.com"},
    {"/api/v1/customers/ada%40example.com", "/api/v1/customers/a***%40example.com"},
    {"ada@bob@example.com", "a***@b***@example.com"},
    {"@handle, at @ nine, ada@", "@handle, at @ nine, ada@"},
};

TEST(MaskedTexts, HaveNoCardNumberNoKeyAndNoAddressInThem) {
    for (const TextCase& test_case : kTexts) {
        EXPECT_EQ(with_secrets_masked(test_case.text), test_case.masked) << test_case.text;
    }
}

}  // namespace
}  // namespace postern::daemon
