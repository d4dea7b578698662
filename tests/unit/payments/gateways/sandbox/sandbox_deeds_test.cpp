#include "payments/gateways/sandbox/sandbox_deeds.hpp"

#include "tests/unit/payments/service/service_fixture.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

class SandboxDeedsTest : public ServiceTest {
 protected:
    Done<Dispute> dispute(PaymentId id, std::optional<std::string> decimal = {}) {
        return run([&](Work& work) {
            return dispute_by_sandbox(
                work, {.payment = id, .decimal = decimal, .reason = "product_not_received"}
            );
        });
    }
    Done<Dispute> resolve(DisputeId id, DisputeStatus status) {
        return run([&](Work& work) { return resolve_by_sandbox(work, id, status); });
    }
    Payout pay_out(std::string destination = {}) {
        const PayoutDraft asked{
            .amount = {.minor = 500, .currency = kUsd}, .destination = std::move(destination)};
        return done(run([&](Work& work) { return create_payout(work, asked); }));
    }
    std::string last_message() {
        const auto left = messages();
        return left.empty() ? "" : std::string{to_text(left.back().message.event.type)};
    }
};

TEST_P(SandboxDeedsTest, APaymentIsDisputedAndTheProviderSaysSo) {
    const FullPayment paid = pay();
    const Dispute opened = done(dispute(paid.payment.id));
    EXPECT_EQ(opened.status, DisputeStatus::needs_response);
    EXPECT_EQ(opened.reason, "product_not_received");
    EXPECT_EQ(opened.amount.minor, 1'000);
    const auto left = messages();
    ASSERT_FALSE(left.empty());
    const UnifiedEvent& event = left.back().message.event;
    EXPECT_EQ(event.type, EventType::dispute_created);
    EXPECT_EQ(event.gateway_dispute_id, opened.gateway_dispute_id);
    EXPECT_EQ(event.gateway_payment_id, paid.payment.gateway_payment_id);
    // Told by webhook, it is known already.
    const auto heard = hear(event);
    ASSERT_TRUE(heard.has_value());
    EXPECT_EQ(heard->effect, Effect::already);
    EXPECT_TRUE(heard->told_before.has_value());
}

TEST_P(SandboxDeedsTest, APartMayBeDisputed) {
    const FullPayment paid = pay();
    EXPECT_EQ(done(dispute(paid.payment.id, "2.50")).amount.minor, 250);
    const FullPayment other = pay();
    for (const std::string_view amount : {"0.00", "10.01", "ten"}) {
        EXPECT_EQ(refused(dispute(other.payment.id, std::string{amount})), Reason::amount_invalid);
    }
}

TEST_P(SandboxDeedsTest, OnlyWhatWasTakenCanBeDisputed) {
    const FullPayment held = pay({.capture = CaptureMethod::manual});
    EXPECT_EQ(refused(dispute(held.payment.id)), Reason::nothing_captured);
    EXPECT_EQ(refused(dispute(PaymentId{404})), Reason::not_found);
}

TEST_P(SandboxDeedsTest, ADisputeIsWonOrLostOnce) {
    for (const DisputeStatus status : {DisputeStatus::won, DisputeStatus::lost}) {
        const Dispute opened = done(dispute(pay().payment.id));
        EXPECT_EQ(done(resolve(opened.id, status)).status, status);
        EXPECT_EQ(last_message(), "dispute.closed");
        EXPECT_EQ(messages().back().message.event.outcome, to_text(status));
        EXPECT_EQ(refused(resolve(opened.id, DisputeStatus::won)), Reason::dispute_closed);
    }
}

TEST_P(SandboxDeedsTest, MoneyThatWaitsBecomesAvailable) {
    pay();
    pay({.minor = 2'000});
    const auto before = read(read_balance(connection(), owner_, kUsd));
    EXPECT_EQ(before.available(), 0);
    EXPECT_GT(before.pending(), 0);
    const auto settled = read(run([](Work& work) { return settle_by_sandbox(work); }));
    EXPECT_EQ(settled.lines, 2);
    EXPECT_EQ(settled.rest, SandboxSettlement::Rest::none);
    ASSERT_EQ(settled.balances.size(), 1U);
    EXPECT_EQ(settled.balances.front().pending(), 0);
    EXPECT_EQ(settled.balances.front().available(), before.pending());
    const auto again = read(run([](Work& work) { return settle_by_sandbox(work); }));
    EXPECT_EQ(again.lines, 0);
}

TEST_P(SandboxDeedsTest, APayoutArrivesOrComesBack) {
    pay({.card = kAvailableCard, .minor = 5'000});
    const Payout first = pay_out();
    const PayoutFact fails{.status = PayoutStatus::failed, .failure_code = "no_account"};
    const Payout failed =
        done(run([&](Work& work) { return end_payout_by_sandbox(work, first.id, fails); }));
    EXPECT_EQ(failed.status, PayoutStatus::failed);
    EXPECT_EQ(failed.failure_code, "no_account");
    EXPECT_EQ(
        refused(run([&](Work& work) {
            return end_payout_by_sandbox(work, first.id, {.status = PayoutStatus::paid});
        })),
        Reason::payout_not_pending
    );
    const Payout second = pay_out();
    const Payout paid = done(run([&](Work& work) {
        return end_payout_by_sandbox(work, second.id, {.status = PayoutStatus::paid});
    }));
    EXPECT_EQ(paid.status, PayoutStatus::paid);
}

TEST_P(SandboxDeedsTest, ARefundComesBackFromTheBank) {
    const FullPayment paid = pay();
    const FullRefund made = refund(paid.payment.id, 400);
    EXPECT_EQ(made.refund.status, RefundStatus::succeeded);
    const RefundFact fails{.status = RefundStatus::failed, .failure_reason = "lost_or_stolen_card"};
    const FullRefund failed =
        done(run([&](Work& work) { return end_refund_by_sandbox(work, made.refund.id, fails); }));
    EXPECT_EQ(failed.refund.status, RefundStatus::failed);
    EXPECT_EQ(failed.payment.payment.refunded_minor, 0);
    EXPECT_EQ(last_message(), "refund.failed");
}

INSTANTIATE_TEST_SUITE_P(
    Drivers,
    SandboxDeedsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
