#include "payments/gateways/sandbox/sandbox_ids.hpp"

#include "tests/unit/payments/gateways/sandbox/orders.hpp"

#include <gtest/gtest.h>

#include <set>

namespace postern::payments {
namespace {

Payment payment_number(std::int64_t number) {
    Payment payment;
    payment.id = PaymentId{number};
    payment.created_at = kOrderedAt;
    return payment;
}

TEST(SandboxIds, LookLikeTheProvidersOwn) {
    struct StyleCase {
        SandboxKind kind;
        std::string_view prefix;
        std::size_t length;
    };
    constexpr StyleCase cases[] = {
        {SandboxKind::stripe, "pi_", 35},
        {SandboxKind::airwallex, "int_hkst", 28},
        {SandboxKind::wechatpay, "4200", 28},
        {SandboxKind::alipay, "2026012822", 28},
        {SandboxKind::onerway, "1", 19},
    };
    for (const StyleCase& test_case : cases) {
        const std::string id = SandboxIds{test_case.kind, kTestIds}.payment(payment_number(5));
        EXPECT_TRUE(id.starts_with(test_case.prefix)) << id;
        EXPECT_EQ(id.size(), test_case.length) << id;
    }
}

TEST(SandboxIds, AreThoseOfOurStripeDialectWhereStripeSpeaks) {
    const SandboxIds ids{SandboxKind::stripe, kTestIds};
    EXPECT_EQ(ids.payment(payment_number(5)), stripe_id(kTestIds, PaymentId{5}));
    EXPECT_EQ(ids.refund({.id = RefundId{6}}), stripe_id(kTestIds, RefundId{6}));
    EXPECT_EQ(ids.payout({.id = PayoutId{7}}), stripe_id(kTestIds, PayoutId{7}));
}

TEST(SandboxIds, StayAsTheyWereGiven) {
    const SandboxIds ids{SandboxKind::airwallex, kTestIds};
    Payment payment = payment_number(5);
    payment.gateway_payment_id = "int_given";
    EXPECT_EQ(ids.payment(payment), "int_given");
    EXPECT_EQ(ids.refund({.id = RefundId{6}, .gateway_refund_id = "rfd_given"}), "rfd_given");
    EXPECT_EQ(ids.payout({.id = PayoutId{7}, .gateway_payout_id = "given"}), "given");
}

TEST(SandboxIds, AreDifferentForDifferentThings) {
    for (const SandboxKind kind : {SandboxKind::wechatpay, SandboxKind::onerway}) {
        const SandboxIds ids{kind, kTestIds};
        std::set<std::string> seen;
        for (std::int64_t number = 1; number <= 500; ++number) {
            seen.insert(ids.payment(payment_number(number)));
            seen.insert(ids.refund({.id = RefundId{number}}));
            seen.insert(ids.payout({.id = PayoutId{number}}));
            seen.insert(ids.dispute(payment_number(1), number));
        }
        EXPECT_EQ(seen.size(), 2'000U);
    }
}

}  // namespace
}  // namespace postern::payments
