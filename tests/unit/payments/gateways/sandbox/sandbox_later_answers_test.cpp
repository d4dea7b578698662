#include "payments/gateways/sandbox/sandbox_answers.hpp"
#include "tests/unit/payments/gateways/sandbox/orders.hpp"

#include <gtest/gtest.h>

// What follows a payment: captures, cancellations, refunds, payouts, disputes.
namespace postern::payments {
namespace {

using enum CardScenario;

TEST(SandboxLaterAnswers, ACaptureIsToldAsTheProviderTellsIt) {
    struct CaptureCase {
        SandboxKind kind;
        std::string_view told;
    };
    constexpr CaptureCase cases[] = {
        {SandboxKind::stripe, "payment.captured payment.succeeded"},
        {SandboxKind::airwallex, "payment.captured payment.succeeded"},
        {SandboxKind::onerway, "payment.captured"},
        {SandboxKind::wechatpay, "payment.succeeded"},
    };
    for (const CaptureCase& test_case : cases) {
        GatewayOrder order = order_of(OrderKind::capture, card_of(succeeds));
        order.minor = 500;
        const GatewayAnswer answer = answers_of(test_case.kind).answer(order);
        EXPECT_EQ(told_by(answer), test_case.told);
        EXPECT_EQ(std::get<Captured>(answer.facts.front()).minor, 500);
        EXPECT_EQ(answer.fee_minor, sandbox_fee(500));
        EXPECT_EQ(answer.messages.front().event.amount, "5.00");
    }
}

TEST(SandboxLaterAnswers, ACancellationIsToldOnlyOfWhatTheProviderHas) {
    const SandboxAnswers stripe = answers_of(SandboxKind::stripe);
    GatewayOrder order = order_of(OrderKind::cancel, card_of(succeeds));
    order.payment.cancellation_reason = "abandoned";
    EXPECT_EQ(facts_of(stripe.answer(order)), "canceled");
    EXPECT_EQ(told_by(stripe.answer(order)), "");
    order.payment.gateway_payment_id = "pi_known";
    const GatewayAnswer answer = stripe.answer(order);
    ASSERT_EQ(told_by(answer), "payment.canceled");
    EXPECT_EQ(answer.messages.front().event.gateway_payment_id, "pi_known");
    EXPECT_EQ(answer.messages.front().event.reason, "abandoned");
    EXPECT_EQ(std::get<Canceled>(answer.facts.front()).reason, "abandoned");
    EXPECT_EQ(told_by(answers_of(SandboxKind::wechatpay).answer(order)), "");
}

GatewayOrder refund_order(PaymentMethod method) {
    GatewayOrder order = order_of(OrderKind::refund, std::move(method));
    order.minor = 700;
    order.refund = Refund{
        .id = RefundId{55},
        .payment = order.payment.id,
        .amount = {.minor = 700, .currency = order.payment.amount.currency}};
    return order;
}

TEST(SandboxLaterAnswers, RefundsSucceedPendOrFail) {
    struct RefundCase {
        SandboxKind kind;
        PaymentMethod method;
        RefundStatus status;
        std::string_view told;
    };
    const RefundCase cases[] = {
        {SandboxKind::stripe, card_of(succeeds), RefundStatus::succeeded, "refund.succeeded"},
        {SandboxKind::onerway, card_of(succeeds), RefundStatus::succeeded, "refund.succeeded"},
        {SandboxKind::stripe,
         card_of(refund_pends),
         RefundStatus::pending,
         "refund.created refund.succeeded+3000"},
        {SandboxKind::airwallex,
         card_of(refund_fails),
         RefundStatus::pending,
         "refund.created refund.failed+3000"},
        {SandboxKind::stripe,
         bank_of("6789"),
         RefundStatus::pending,
         "refund.created refund.succeeded+3000"},
        {SandboxKind::wechatpay,
         method_of(MethodType::wechat_pay),
         RefundStatus::pending,
         "refund.succeeded+3000"},
        {SandboxKind::alipay,
         method_of(MethodType::alipay),
         RefundStatus::succeeded,
         "refund.succeeded"},
    };
    for (const RefundCase& test_case : cases) {
        SCOPED_TRACE(&test_case - cases);
        const GatewayAnswer answer =
            answers_of(test_case.kind).answer(refund_order(test_case.method));
        ASSERT_TRUE(answer.refund.has_value());
        EXPECT_EQ(answer.refund->status, test_case.status);
        EXPECT_EQ(told_by(answer), test_case.told);
        EXPECT_FALSE(answer.gateway_object_id.empty());
        for (const ProviderMessage& message : answer.messages) {
            EXPECT_EQ(message.event.gateway_refund_id, answer.gateway_object_id);
            EXPECT_EQ(message.event.amount, "7.00");
        }
    }
}

TEST(SandboxLaterAnswers, AlipayAddsUpTheRefundsOfAPayment) {
    GatewayOrder order = refund_order(method_of(MethodType::alipay));
    order.payment.refunded_minor = 1'200;
    const GatewayAnswer answer = answers_of(SandboxKind::alipay).answer(order);
    EXPECT_EQ(answer.messages.front().event.amount, "12.00");
}

GatewayOrder payout_order(std::string destination) {
    GatewayOrder order;
    order.id = OrderId{78};
    order.kind = OrderKind::payout;
    order.minor = 5'000;
    order.payout = Payout{
        .id = PayoutId{66},
        .amount = {.minor = 5'000, .currency = *Currency::parse("eur")},
        .destination = std::move(destination),
        .created_at = kOrderedAt};
    order.now = kOrderedAt;
    return order;
}

TEST(SandboxLaterAnswers, PayoutsArriveOrComeBack) {
    struct PayoutCase {
        SandboxKind kind;
        std::string_view destination;
        PayoutStatus status;
        std::string_view told;
    };
    constexpr PayoutCase cases[] = {
        {SandboxKind::stripe, "", PayoutStatus::pending, "payout.created+3000 payout.paid+6000"},
        {SandboxKind::stripe,
         "000111111113",
         PayoutStatus::pending,
         "payout.created+3000 payout.failed+6000"},
        {SandboxKind::wechatpay, "ba_1", PayoutStatus::pending, "payout.paid+6000"},
        {SandboxKind::onerway, "ba_1", PayoutStatus::paid, ""},
        {SandboxKind::onerway, "ba_000111111116", PayoutStatus::failed, ""},
    };
    for (const PayoutCase& test_case : cases) {
        SCOPED_TRACE(&test_case - cases);
        const GatewayAnswer answer =
            answers_of(test_case.kind).answer(payout_order(std::string{test_case.destination}));
        ASSERT_TRUE(answer.payout.has_value());
        EXPECT_EQ(answer.payout->status, test_case.status);
        EXPECT_EQ(told_by(answer), test_case.told);
        for (const ProviderMessage& message : answer.messages) {
            EXPECT_EQ(message.event.gateway_payout_id, answer.gateway_object_id);
            EXPECT_EQ(message.event.currency, "EUR");
            EXPECT_TRUE(message.event.gateway_payment_id.empty());
        }
    }
}

TEST(SandboxLaterAnswers, EvidenceDecidesADisputeByStripesOwnWords) {
    struct EvidenceCase {
        std::string_view text;
        std::string_view told;
        std::string_view outcome;
    };
    constexpr EvidenceCase cases[] = {
        {"we shipped it", "dispute.updated", ""},
        {"winning_evidence", "dispute.updated dispute.closed+3000", "won"},
        {"losing_evidence", "dispute.updated dispute.closed+3000", "lost"},
    };
    for (const EvidenceCase& test_case : cases) {
        GatewayOrder order = order_of(OrderKind::evidence, card_of(disputed));
        order.dispute = Dispute{
            .id = DisputeId{9},
            .amount = order.payment.amount,
            .reason = "fraudulent",
            .gateway_dispute_id = "dp_of_the_provider",
            .evidence = {{"uncategorized_text", std::string{test_case.text}}}};
        const GatewayAnswer answer = answers_of(SandboxKind::stripe).answer(order);
        ASSERT_EQ(told_by(answer), test_case.told);
        EXPECT_EQ(answer.messages.front().event.gateway_dispute_id, "dp_of_the_provider");
        EXPECT_EQ(answer.messages.back().event.outcome, test_case.outcome);
    }
}

TEST(SandboxLaterAnswers, ADisputeThatIsClosedIsLostAndAnInquiryOnlyOver) {
    struct ClosingCase {
        DisputeStatus status;
        DisputeStatus closed;
        std::string_view told;
    };
    constexpr ClosingCase cases[] = {
        {DisputeStatus::needs_response, DisputeStatus::lost, "dispute.closed"},
        {DisputeStatus::warning_needs_response, DisputeStatus::warning_closed, ""},
    };
    for (const ClosingCase& test_case : cases) {
        GatewayOrder order = order_of(OrderKind::dispute_close, card_of(disputed));
        order.dispute = Dispute{
            .id = DisputeId{9},
            .amount = order.payment.amount,
            .status = test_case.status,
            .gateway_dispute_id = "dp_of_the_provider"};
        const GatewayAnswer answer = answers_of(SandboxKind::stripe).answer(order);
        EXPECT_EQ(told_by(answer), test_case.told);
        EXPECT_EQ(answer.dispute->status, test_case.closed);
    }
}

}  // namespace
}  // namespace postern::payments
