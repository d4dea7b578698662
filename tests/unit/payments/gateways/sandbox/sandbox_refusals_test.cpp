#include "payments/gateways/sandbox/sandbox_refusals.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

TEST(SandboxRefusals, DeclineTheCardsThatTheSeedsDecline) {
    struct DeclineCase {
        CardScenario scenario;
        std::string_view code;
        std::string_view decline_code;
    };
    constexpr DeclineCase cases[] = {
        {CardScenario::generic_decline, "card_declined", "generic_decline"},
        {CardScenario::insufficient_funds, "card_declined", "insufficient_funds"},
        {CardScenario::expired_card, "expired_card", ""},
        {CardScenario::incorrect_cvc, "incorrect_cvc", ""},
        {CardScenario::processing_error, "processing_error", ""},
    };
    for (const DeclineCase& test_case : cases) {
        const auto error = decline_of(test_case.scenario);
        ASSERT_TRUE(error.has_value()) << test_case.code;
        EXPECT_EQ(error->code, test_case.code);
        EXPECT_EQ(error->decline_code, test_case.decline_code);
        EXPECT_TRUE(error->message.ends_with('.'));
    }
}

TEST(SandboxRefusals, LetEveryOtherCardPass) {
    for (const CardScenario scenario :
         {CardScenario::succeeds,
          CardScenario::three_d_secure_required,
          CardScenario::three_d_secure_frictionless,
          CardScenario::three_d_secure_challenge,
          CardScenario::disputed,
          CardScenario::available_at_once,
          CardScenario::refund_pends,
          CardScenario::refund_fails,
          CardScenario::gateway_silent}) {
        EXPECT_FALSE(decline_of(scenario).has_value()) << static_cast<int>(scenario);
    }
}

TEST(SandboxRefusals, KnowStripesFailingTestAccounts) {
    EXPECT_EQ(bank_failure_of({.last4 = "1116"}), "no_account");
    EXPECT_EQ(bank_failure_of({.last4 = "4440"}), "invalid_currency");
    EXPECT_EQ(bank_failure_of({.last4 = "6789"}), "");
    EXPECT_EQ(bank_failure_of({}), "");
    EXPECT_EQ(payout_failure_of("000111111113"), "account_closed");
    EXPECT_EQ(payout_failure_of("ba_000222222227"), "insufficient_funds");
    EXPECT_EQ(payout_failure_of("1113"), "");
    EXPECT_EQ(payout_failure_of(""), "");
}

}  // namespace
}  // namespace postern::payments
