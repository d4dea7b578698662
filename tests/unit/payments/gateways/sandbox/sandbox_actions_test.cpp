#include "payments/gateways/sandbox/sandbox_actions.hpp"

#include "tests/unit/payments/service/service_fixture.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

class SandboxActionsTest : public ServiceTest {
 protected:
    FullPayment challenged(ConfirmationMethod confirmation = ConfirmationMethod::automatic) {
        FullPayment full = pay({.card = kChallengedCard, .confirmation = confirmation});
        EXPECT_EQ(full.payment.status, PaymentStatus::requires_action);
        told();
        return full;
    }
    std::optional<FullAction> action_of(const FullPayment& full) {
        return read(load_action(connection(), around_, full.payment.next_action->id));
    }
    FullPayment decide(const FullPayment& full, ActionOutcome outcome) {
        const auto action = action_of(full);
        EXPECT_TRUE(action.has_value());
        return read(run([&](Work& work) { return decide_action(work, *action, outcome); }));
    }
    std::size_t expire() {
        return read(run([](Work& work) { return expire_actions(work, 10); }));
    }
    std::vector<std::string> messages_left() {
        std::vector<std::string> types;
        for (const MessageRow& row : messages())
            types.emplace_back(to_text(row.message.event.type));
        return types;
    }
};

using Names = std::vector<std::string>;

TEST_P(SandboxActionsTest, WhoPassesTheChallengePays) {
    const FullPayment full = challenged();
    ASSERT_EQ(standing_of(*action_of(full), clock_.now()), ActionStanding::waiting);
    const FullPayment after = decide(full, ActionOutcome::succeeded);
    EXPECT_EQ(after.payment.status, PaymentStatus::succeeded);
    EXPECT_EQ(after.payment.received_minor, 1'000);
    ASSERT_TRUE(after.charge.has_value());
    EXPECT_EQ(after.charge->three_d_secure, Charge::ThreeDSecure::challenge);
    EXPECT_EQ(told(), (Names{"payment.action_completed", "charge.succeeded", "payment.succeeded"}));
    EXPECT_EQ(messages_left(), (Names{"payment.requires_action", "payment.succeeded"}));
}

TEST_P(SandboxActionsTest, WhoFailsOrLeavesDoesNot) {
    for (const ActionOutcome outcome : {ActionOutcome::failed, ActionOutcome::abandoned}) {
        const FullPayment after = decide(challenged(), outcome);
        EXPECT_EQ(after.payment.status, PaymentStatus::requires_payment_method);
        ASSERT_TRUE(after.payment.last_error.has_value());
        EXPECT_EQ(after.payment.last_error->code, "payment_intent_authentication_failure");
        EXPECT_EQ(told(), Names{"payment.failed"});
    }
}

TEST_P(SandboxActionsTest, AMerchantWhoConfirmsByHandIsAskedAgain) {
    const FullPayment after =
        decide(challenged(ConfirmationMethod::manual), ActionOutcome::succeeded);
    EXPECT_EQ(after.payment.status, PaymentStatus::requires_confirmation);
    EXPECT_EQ(confirm(after.payment.id).payment.status, PaymentStatus::succeeded);
}

TEST_P(SandboxActionsTest, ADecisionIsMadeOnce) {
    const FullPayment full = challenged();
    decide(full, ActionOutcome::failed);
    EXPECT_EQ(standing_of(*action_of(full), clock_.now()), ActionStanding::over);
    clock_.at += std::chrono::hours{1};
    EXPECT_EQ(standing_of(*action_of(full), clock_.now()), ActionStanding::over);
}

TEST_P(SandboxActionsTest, APaymentThatWasCanceledWaitsForNobody) {
    const FullPayment full = challenged();
    done(run([&](Work& work) { return cancel_payment(work, full.payment.id, "abandoned"); }));
    EXPECT_EQ(standing_of(*action_of(full), clock_.now()), ActionStanding::over);
    clock_.at += std::chrono::hours{1};
    EXPECT_EQ(expire(), 0U);
    EXPECT_EQ(stored(full.payment.id).payment.status, PaymentStatus::canceled);
}

TEST_P(SandboxActionsTest, AChallengeThatNobodyMeetsFailsAfterHalfAnHour) {
    const FullPayment full = challenged();
    clock_.at += std::chrono::minutes{29};
    EXPECT_EQ(expire(), 0U);
    clock_.at += std::chrono::minutes{1};
    EXPECT_EQ(standing_of(*action_of(full), clock_.now()), ActionStanding::expired);
    EXPECT_EQ(expire(), 1U);
    EXPECT_EQ(expire(), 0U);
    const Payment payment = stored(full.payment.id).payment;
    EXPECT_EQ(payment.status, PaymentStatus::requires_payment_method);
    EXPECT_EQ(payment.last_error->code, "payment_intent_authentication_failure");
    EXPECT_EQ(told(), Names{"payment.failed"});
}

TEST_P(SandboxActionsTest, WalletsArePaidOnTheirPages) {
    struct WalletCase {
        std::string_view gateway;
        MethodType type;
    };
    constexpr WalletCase cases[] = {
        {"wechatpay", MethodType::wechat_pay}, {"alipay", MethodType::alipay}};
    for (const WalletCase& test_case : cases) {
        SCOPED_TRACE(test_case.gateway);
        PaymentDraft asked = draft({.card = "", .gateway = test_case.gateway});
        asked.amount.currency = currency("cny");
        asked.new_method = NewMethod{};
        asked.new_method->method.owner = owner_;
        asked.new_method->method.type = test_case.type;
        const FullPayment full =
            done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::yes); }));
        ASSERT_EQ(full.payment.status, PaymentStatus::requires_action);
        EXPECT_EQ(decide(full, ActionOutcome::succeeded).payment.status, PaymentStatus::succeeded);
    }
}

TEST_P(SandboxActionsTest, NobodyFindsWhatIsNotThere) {
    EXPECT_FALSE(read(load_action(connection(), around_, ActionId{12345})).has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Drivers,
    SandboxActionsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
