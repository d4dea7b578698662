#include "payments/gateways/sandbox/sandbox_methods.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace postern::payments {
namespace {

constexpr SandboxKind kKinds[] = {
    SandboxKind::stripe,
    SandboxKind::airwallex,
    SandboxKind::wechatpay,
    SandboxKind::alipay,
    SandboxKind::onerway};

TEST(SandboxMethods, AskForTheFieldsOfACard) {
    const MethodDescription& card = sandbox_methods(SandboxKind::stripe).front();
    EXPECT_EQ(card.name, "card");
    ASSERT_EQ(card.fields.size(), 4U);
    EXPECT_EQ(card.fields[0].name, "number");
    EXPECT_EQ(card.fields[0].pattern, R"(^[\d\s]{13,19}$)");
    EXPECT_EQ(card.fields[0].placeholder, "1234 5678 9012 3456");
    EXPECT_EQ(card.fields[1].name, "exp_month");
    EXPECT_EQ(card.fields[2].pattern, "^20[2-9][0-9]$");
    EXPECT_EQ(card.fields[3].name, "cvc");
    EXPECT_EQ(card.min_minor, 50);
    EXPECT_EQ(card.max_minor, 99'999'999);
}

TEST(SandboxMethods, NameOnlyCurrenciesThatThereAreAndEachOnce) {
    for (const SandboxKind kind : kKinds) {
        for (const MethodDescription& method : sandbox_methods(kind)) {
            ASSERT_FALSE(method.currencies.empty());
            std::set<std::string_view> seen;
            for (const std::string_view code : method.currencies) {
                EXPECT_TRUE(Currency::parse(code).has_value()) << code;
                EXPECT_TRUE(seen.insert(code).second) << code;
            }
        }
    }
}

TEST(SandboxMethods, OfTheWalletsArePaidInYuanFirst) {
    for (const SandboxKind kind : {SandboxKind::wechatpay, SandboxKind::alipay}) {
        EXPECT_EQ(sandbox_methods(kind).front().currencies.front(), "CNY");
        EXPECT_TRUE(sandbox_methods(kind).front().fields.empty());
    }
    using Redirect = MethodDescription::Redirect;
    EXPECT_EQ(sandbox_methods(SandboxKind::wechatpay).front().redirect, Redirect::no);
    EXPECT_EQ(sandbox_methods(SandboxKind::alipay).front().redirect, Redirect::yes);
}

TEST(SandboxMethods, TakeBankAccountsWhereTheGatewayDebitsThem) {
    for (const SandboxKind kind : kKinds) {
        const auto methods = sandbox_methods(kind);
        const bool debits = std::any_of(methods.begin(), methods.end(), [](const auto& method) {
            return method.type == MethodType::us_bank_account;
        });
        EXPECT_EQ(debits, kind == SandboxKind::stripe || kind == SandboxKind::airwallex);
    }
}

}  // namespace
}  // namespace postern::payments
