#include "payments/gateways/sandbox/sandbox_teller.hpp"

#include "tests/unit/payments/gateways/sandbox/orders.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

Payment payment_of(std::string_view currency) {
    Payment payment;
    payment.id = PaymentId{5};
    payment.amount = {.minor = 1'999, .currency = *Currency::parse(currency)};
    payment.created_at = kOrderedAt;
    return payment;
}

TEST(SandboxTeller, SpellsAmountsInTheCurrencysOwnUnits) {
    struct AmountCase {
        std::string_view currency;
        std::string_view amount;
    };
    constexpr AmountCase cases[] = {{"usd", "19.99"}, {"jpy", "1999"}, {"kwd", "1.999"}};
    const SandboxTeller teller{SandboxKind::stripe, kTestIds};
    for (const AmountCase& test_case : cases) {
        const Payment payment = payment_of(test_case.currency);
        const auto message = teller.message({.payment = payment}, {.minor = 1'999});
        ASSERT_TRUE(message.has_value());
        EXPECT_EQ(message->event.amount, test_case.amount);
    }
}

TEST(SandboxTeller, SaysNothingWhereTheProviderHasNoWebhook) {
    const Payment payment = payment_of("cny");
    const SandboxTeller teller{SandboxKind::wechatpay, kTestIds};
    const Telling telling{.type = EventType::payment_canceled, .minor = 1};
    EXPECT_FALSE(teller.message({.payment = payment}, telling).has_value());
}

TEST(SandboxTeller, MakesAnotherEventOfAnotherCause) {
    const Payment payment = payment_of("usd");
    const SandboxTeller teller{SandboxKind::stripe, kTestIds};
    const auto first = teller.message({.payment = payment, .cause = 1}, {.minor = 1});
    const auto again = teller.message({.payment = payment, .cause = 1}, {.minor = 1});
    const auto other = teller.message({.payment = payment, .cause = 2}, {.minor = 1});
    EXPECT_EQ(first->unique, again->unique);
    EXPECT_NE(first->unique, other->unique);
    EXPECT_GE(first->unique.size(), 16U);
}

TEST(SandboxTeller, NamesAReferenceWhereTheProviderDemandsOne) {
    const Payment payment = payment_of("cny");
    const auto silent =
        SandboxTeller{SandboxKind::stripe, kTestIds}.message({.payment = payment}, {.minor = 1});
    EXPECT_EQ(silent->event.merchant_reference, "");
    for (const SandboxKind kind :
         {SandboxKind::wechatpay, SandboxKind::alipay, SandboxKind::onerway}) {
        const auto message =
            SandboxTeller{kind, kTestIds}.message({.payment = payment}, {.minor = 1});
        EXPECT_EQ(message->event.merchant_reference.size(), 32U);
    }
}

}  // namespace
}  // namespace postern::payments
