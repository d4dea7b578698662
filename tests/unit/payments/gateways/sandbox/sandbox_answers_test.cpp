#include "payments/gateways/sandbox/sandbox_answers.hpp"

#include "tests/unit/payments/gateways/sandbox/orders.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

using enum CardScenario;

struct CardCase {
    CardScenario scenario;
    CaptureMethod capture;
    std::string_view facts;
    std::string_view told;  // by Stripe
};
constexpr auto kAtOnce = CaptureMethod::automatic;
constexpr auto kLater = CaptureMethod::manual;
constexpr CardCase kCardCases[] = {
    {succeeds, kAtOnce, "captured", "payment.succeeded"},
    {succeeds, CaptureMethod::unset, "captured", "payment.succeeded"},
    {succeeds, CaptureMethod::automatic_async, "captured", "payment.succeeded"},
    {succeeds, kLater, "authorized", ""},
    {generic_decline, kAtOnce, "declined", "payment.failed"},
    {generic_decline, kLater, "declined", "payment.failed"},
    {insufficient_funds, kAtOnce, "declined", "payment.failed"},
    {expired_card, kAtOnce, "declined", "payment.failed"},
    {incorrect_cvc, kAtOnce, "declined", "payment.failed"},
    {processing_error, kAtOnce, "declined", "payment.failed"},
    {three_d_secure_required, kAtOnce, "action_required", "payment.requires_action"},
    {three_d_secure_challenge, kLater, "action_required", "payment.requires_action"},
    {three_d_secure_frictionless, kAtOnce, "captured", "payment.succeeded"},
    {disputed, kAtOnce, "captured", "payment.succeeded dispute.created+1000"},
    {disputed, kLater, "authorized", ""},
    {available_at_once, kAtOnce, "captured", "payment.succeeded"},
    {refund_pends, kAtOnce, "captured", "payment.succeeded"},
    {refund_fails, kAtOnce, "captured", "payment.succeeded"},
    {gateway_silent, kAtOnce, "processing", "payment.succeeded+3000"},
    {gateway_silent, kLater, "authorized", ""},
};

TEST(SandboxAnswers, ACardDoesWhatItsScenarioSays) {
    const SandboxAnswers stripe = answers_of(SandboxKind::stripe);
    for (const CardCase& test_case : kCardCases) {
        SCOPED_TRACE(static_cast<int>(test_case.scenario));
        GatewayOrder order = order_of(OrderKind::authorize, card_of(test_case.scenario));
        order.payment.capture_method = test_case.capture;
        const GatewayAnswer answer = stripe.answer(order);
        EXPECT_EQ(facts_of(answer), test_case.facts);
        EXPECT_EQ(told_by(answer), test_case.told);
        EXPECT_EQ(answer.gateway_payment_id, stripe_id(kTestIds, order.payment.id));
    }
}

TEST(SandboxAnswers, ADisputeIsOpenBeforeTheProviderSaysSo) {
    const SandboxAnswers stripe = answers_of(SandboxKind::stripe);
    const GatewayAnswer answer = stripe.answer(order_of(OrderKind::authorize, card_of(disputed)));
    ASSERT_TRUE(answer.dispute.has_value());
    EXPECT_EQ(answer.dispute->amount.minor, 1'999);
    EXPECT_EQ(answer.dispute->reason, "fraudulent");
    const UnifiedEvent& told = answer.messages.back().event;
    EXPECT_EQ(told.gateway_dispute_id, answer.dispute->gateway_dispute_id);
    EXPECT_FALSE(stripe.answer(order_of(OrderKind::authorize, card_of(succeeds))).dispute);
}

TEST(SandboxAnswers, TheSameOrderHasTheSameAnswer) {
    for (const SandboxKind kind :
         {SandboxKind::stripe, SandboxKind::airwallex, SandboxKind::onerway}) {
        const SandboxAnswers answers = answers_of(kind);
        const GatewayOrder order = order_of(OrderKind::authorize, card_of(disputed));
        const GatewayAnswer first = answers.answer(order);
        const GatewayAnswer second = answers.answer(order);
        EXPECT_EQ(first.gateway_payment_id, second.gateway_payment_id);
        EXPECT_EQ(first.messages, second.messages);
        EXPECT_EQ(first.facts.size(), second.facts.size());
    }
}

TEST(SandboxAnswers, MessagesOfOneOrderAreEventsOfTheirOwn) {
    const SandboxAnswers stripe = answers_of(SandboxKind::stripe);
    GatewayOrder order = order_of(OrderKind::authorize, card_of(disputed));
    const GatewayAnswer answer = stripe.answer(order);
    ASSERT_EQ(answer.messages.size(), 2U);
    EXPECT_NE(answer.messages[0].unique, answer.messages[1].unique);
    order.id.value += 1;
    const GatewayAnswer next = stripe.answer(order);
    EXPECT_NE(answer.messages[0].unique, next.messages[0].unique);
}

TEST(SandboxAnswers, MoneyComesWithItsFeeAndIntoItsBucket) {
    const SandboxAnswers stripe = answers_of(SandboxKind::stripe);
    const GatewayAnswer plain = stripe.answer(order_of(OrderKind::authorize, card_of(succeeds)));
    EXPECT_EQ(std::get<Captured>(plain.facts.front()).minor, 1'999);
    EXPECT_EQ(plain.fee_minor, sandbox_fee(1'999));
    EXPECT_EQ(plain.bucket, Bucket::pending_instant);
    const GatewayAnswer bypass =
        stripe.answer(order_of(OrderKind::authorize, card_of(available_at_once)));
    EXPECT_EQ(bypass.bucket, Bucket::available);
    const GatewayAnswer bank = stripe.answer(order_of(OrderKind::authorize, bank_of("6789")));
    EXPECT_EQ(bank.bucket, Bucket::pending);
}

TEST(SandboxAnswers, AMessageSpeaksOfThePayment) {
    const SandboxAnswers airwallex = answers_of(SandboxKind::airwallex);
    const GatewayOrder order = order_of(OrderKind::authorize, card_of(generic_decline));
    const GatewayAnswer answer = airwallex.answer(order);
    ASSERT_EQ(answer.messages.size(), 1U);
    const UnifiedEvent& event = answer.messages.front().event;
    EXPECT_EQ(event.gateway_payment_id, answer.gateway_payment_id);
    EXPECT_EQ(event.merchant_reference, "order-1");
    EXPECT_EQ(event.amount, "19.99");
    EXPECT_EQ(event.currency, "USD");
    EXPECT_EQ(event.reason, "generic_decline");
}

TEST(SandboxAnswers, AChallengeLeadsToAPageOfOurs) {
    const SandboxAnswers stripe = answers_of(SandboxKind::stripe);
    GatewayOrder order = order_of(OrderKind::authorize, card_of(three_d_secure_required));
    order.payment.details.return_url = "https://shop.example/done";
    const GatewayAnswer answer = stripe.answer(order);
    const NextAction& action = std::get<ActionRequired>(answer.facts.front()).action;
    EXPECT_EQ(action.kind, NextAction::Kind::three_d_secure);
    EXPECT_EQ(action.id, ActionId{77});
    EXPECT_EQ(action.url, "http://127.0.0.1:8080/sandbox/actions/" + kTestIds.encode(action.id));
    EXPECT_EQ(action.return_url, "https://shop.example/done");
    EXPECT_EQ(action.expires_at, kOrderedAt + std::chrono::minutes{30});
    EXPECT_TRUE(action.qr_text.empty());
}

TEST(SandboxAnswers, WalletsSendTheCustomerToTheirPages) {
    struct WalletCase {
        SandboxKind kind;
        MethodType type;
        NextAction::Kind action;
    };
    constexpr WalletCase cases[] = {
        {SandboxKind::wechatpay, MethodType::wechat_pay, NextAction::Kind::qr_code},
        {SandboxKind::alipay, MethodType::alipay, NextAction::Kind::redirect},
    };
    for (const WalletCase& test_case : cases) {
        const SandboxAnswers answers = answers_of(test_case.kind);
        const GatewayAnswer answer =
            answers.answer(order_of(OrderKind::authorize, method_of(test_case.type)));
        ASSERT_EQ(facts_of(answer), "action_required");
        EXPECT_EQ(told_by(answer), "");
        const NextAction& action = std::get<ActionRequired>(answer.facts.front()).action;
        EXPECT_EQ(action.kind, test_case.action);
        const bool coded = test_case.action == NextAction::Kind::qr_code;
        EXPECT_EQ(action.qr_text, coded ? action.url : "");
    }
}

struct ActionCase {
    SandboxKind kind;
    MethodType type;
    ActionOutcome outcome;
    ConfirmationMethod confirmation;
    CaptureMethod capture;
    std::string_view facts;
    std::string_view told;
};
constexpr auto kAuto = ConfirmationMethod::automatic;
constexpr ActionCase kActionCases[] = {
    {SandboxKind::stripe,
     MethodType::card,
     ActionOutcome::succeeded,
     kAuto,
     kAtOnce,
     "action_passed captured",
     "payment.succeeded"},
    {SandboxKind::stripe,
     MethodType::card,
     ActionOutcome::succeeded,
     kAuto,
     kLater,
     "action_passed authorized",
     ""},
    {SandboxKind::stripe,
     MethodType::card,
     ActionOutcome::succeeded,
     ConfirmationMethod::manual,
     kAtOnce,
     "action_passed",
     ""},
    {SandboxKind::stripe,
     MethodType::card,
     ActionOutcome::failed,
     kAuto,
     kAtOnce,
     "declined",
     "payment.failed"},
    {SandboxKind::airwallex,
     MethodType::card,
     ActionOutcome::abandoned,
     kAuto,
     kAtOnce,
     "declined",
     "payment.failed"},
    {SandboxKind::wechatpay,
     MethodType::wechat_pay,
     ActionOutcome::succeeded,
     kAuto,
     kAtOnce,
     "action_passed captured",
     "payment.succeeded"},
    {SandboxKind::alipay,
     MethodType::alipay,
     ActionOutcome::succeeded,
     kAuto,
     kAtOnce,
     "action_passed captured",
     "payment.succeeded"},
    {SandboxKind::alipay,
     MethodType::alipay,
     ActionOutcome::failed,
     kAuto,
     kAtOnce,
     "declined",
     ""},
};

TEST(SandboxAnswers, ThePageDecidesHowThePaymentGoesOn) {
    for (const ActionCase& test_case : kActionCases) {
        SCOPED_TRACE(&test_case - kActionCases);
        const SandboxAnswers answers = answers_of(test_case.kind);
        const PaymentMethod method = test_case.type == MethodType::card
                                         ? card_of(three_d_secure_required)
                                         : method_of(test_case.type);
        GatewayOrder order = order_of(OrderKind::complete, method);
        order.payment.confirmation_method = test_case.confirmation;
        order.payment.capture_method = test_case.capture;
        const GatewayAnswer answer = answers.after_action(order, test_case.outcome);
        EXPECT_EQ(facts_of(answer), test_case.facts);
        EXPECT_EQ(told_by(answer), test_case.told);
        for (const PaymentFact& fact : answer.facts) {
            if (const auto* declined = std::get_if<Declined>(&fact)) {
                EXPECT_EQ(declined->error.code, "payment_intent_authentication_failure");
            }
        }
    }
}

TEST(SandboxAnswers, AChallengeThatWasPassedIsNotAskedForAgain) {
    const SandboxAnswers stripe = answers_of(SandboxKind::stripe);
    GatewayOrder order = order_of(OrderKind::authorize, card_of(three_d_secure_required));
    order.challenge = GatewayOrder::Challenge::passed;
    const GatewayAnswer answer = stripe.answer(order);
    EXPECT_EQ(facts_of(answer), "captured");
    EXPECT_EQ(answer.three_d_secure, Charge::ThreeDSecure::challenge);
}

TEST(SandboxAnswers, APageThatNobodyUsesEndsAsAFailedChallenge) {
    const SandboxAnswers stripe = answers_of(SandboxKind::stripe);
    const GatewayAnswer answer =
        stripe.after_expiry(order_of(OrderKind::complete, card_of(three_d_secure_required)));
    EXPECT_EQ(facts_of(answer), "declined");
    EXPECT_EQ(told_by(answer), "payment.failed");
}

TEST(SandboxAnswers, AskingAgainWhatBecameOfAnActionChangesNothing) {
    const SandboxAnswers stripe = answers_of(SandboxKind::stripe);
    const GatewayAnswer answer =
        stripe.answer(order_of(OrderKind::complete, card_of(three_d_secure_required)));
    EXPECT_EQ(facts_of(answer), "");
    EXPECT_EQ(told_by(answer), "");
}

TEST(SandboxAnswers, BankDebitsAreUnderWayUntilTheWebhookTells) {
    struct BankCase {
        std::string_view last4;
        std::string_view told;
        std::string_view reason;
    };
    constexpr BankCase cases[] = {
        {"6789", "payment.succeeded+3000", ""},
        {"1113", "payment.failed+3000", "account_closed"},
        {"1116", "payment.failed+3000", "no_account"},
        {"2227", "payment.failed+3000", "insufficient_funds"},
        {"3335", "payment.failed+3000", "debit_not_authorized"},
        {"", "payment.succeeded+3000", ""},
    };
    const SandboxAnswers stripe = answers_of(SandboxKind::stripe);
    for (const BankCase& test_case : cases) {
        SCOPED_TRACE(test_case.last4);
        const GatewayAnswer answer =
            stripe.answer(order_of(OrderKind::authorize, bank_of(std::string{test_case.last4})));
        EXPECT_EQ(facts_of(answer), "processing");
        EXPECT_EQ(told_by(answer), test_case.told);
        EXPECT_EQ(answer.messages.front().event.reason, test_case.reason);
    }
}

TEST(SandboxAnswers, NoProviderIsMadeToSayWhatItCannot) {
    for (const SandboxKind kind :
         {SandboxKind::stripe,
          SandboxKind::airwallex,
          SandboxKind::wechatpay,
          SandboxKind::alipay,
          SandboxKind::onerway}) {
        const SandboxAnswers answers = answers_of(kind);
        for (const OrderKind order : {OrderKind::authorize, OrderKind::capture}) {
            for (int scenario = 0; scenario <= static_cast<int>(gateway_silent); ++scenario) {
                const auto card = card_of(static_cast<CardScenario>(scenario));
                for (const ProviderMessage& message :
                     answers.answer(order_of(order, card)).messages) {
                    EXPECT_TRUE(can_say(kind, message.event.type));
                }
            }
        }
    }
}

}  // namespace
}  // namespace postern::payments
