#include "payments/domain/refund.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/lookups.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/payment_records.hpp"
#include "payments/service/payment_service.hpp"
#include "tests/unit/payments/service/service_fixture.hpp"

#include <random>

namespace postern::payments {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kRefundPendsCard = "4000000000007726";
constexpr std::string_view kRefundFailsCard = "4000000000005126";

class RefundServiceTest : public ServiceTest {
 protected:
    auto try_refund(RefundDraft draft) {
        return run([&](Work& work) { return create_refund(work, draft); });
    }
    Reason refused_refund(PaymentId id, std::optional<std::int64_t> minor = {}) {
        return refused(try_refund({.payment = id, .minor = minor}));
    }
    void settle_refund_to(RefundId id, const RefundFact& fact) {
        const auto refund = read(find_refund(connection(), owner_, id));
        ASSERT_TRUE(refund.has_value());
        const auto settled = run([&](Work& work) { return settle_refund(work, *refund, fact); });
        EXPECT_TRUE(settled.has_value());
    }
};

TEST_P(RefundServiceTest, RefundsAllThatIsLeftOrAPart) {
    const PaymentId id = pay().payment.id;
    told();
    const FullRefund part = refund(id, 400);
    EXPECT_EQ(part.refund.status, RefundStatus::succeeded);
    EXPECT_EQ(part.payment.payment.refunded_minor, 400);
    EXPECT_EQ(told(), (Names{"refund.created", "refund.succeeded", "charge.refunded"}));
    const FullRefund rest = refund(id);
    EXPECT_EQ(rest.refund.amount.minor, 600);
    const FullPayment all = stored(id);
    EXPECT_EQ(all.payment, rest.payment.payment);
    EXPECT_EQ(all.refunds, rest.payment.refunds);
    EXPECT_EQ(all.charge->refunded_minor, 1'000);
    EXPECT_EQ(all.refunds.size(), 2U);
    EXPECT_FALSE(rest.refund.gateway_refund_id.empty());
    EXPECT_EQ(rows("balance_transactions"), 3);
    EXPECT_EQ(refused_refund(id), Reason::already_refunded);
    EXPECT_EQ(refused_refund(id, 1), Reason::already_refunded);
}

TEST_P(RefundServiceTest, EndsTheNumberOfRefundsThatOnePaymentDragsAlong) {
    const PaymentId id = pay().payment.id;
    for (int i = 0; i < 200; ++i) refund(id, 1);
    told();
    EXPECT_EQ(refused_refund(id, 1), Reason::parameter_invalid);
    EXPECT_EQ(told(), Names{});
    EXPECT_EQ(stored(id).payment.refunded_minor, 200);
}

TEST_P(RefundServiceTest, RefusesWhatCannotBe) {
    const FullPayment paid = pay();
    const FullPayment held = pay({.capture = CaptureMethod::manual});
    told();
    EXPECT_EQ(refused_refund(paid.payment.id, 1'001), Reason::refund_too_large);
    EXPECT_EQ(refused_refund(paid.payment.id, 0), Reason::refund_not_positive);
    EXPECT_EQ(refused_refund(paid.payment.id, -5), Reason::refund_not_positive);
    EXPECT_EQ(refused_refund(held.payment.id), Reason::nothing_captured);
    EXPECT_EQ(refused_refund(create().payment.id), Reason::nothing_captured);
    EXPECT_EQ(refused_refund(PaymentId{7}), Reason::reference_missing);
    EXPECT_EQ(refused(try_refund({})), Reason::parameter_missing);
    EXPECT_EQ(refused(try_refund({.charge = ChargeId{7}})), Reason::reference_missing);
    EXPECT_EQ(rows("refunds"), 0);
    EXPECT_EQ(told(), Names{"payment.created"});
}

TEST_P(RefundServiceTest, FindsThePaymentByItsChargeButNotByAFailedOne) {
    const FullPayment failed = pay({.card = kDeclinedCard});
    PaymentEdit edit;
    edit.new_method = card(kVisa);
    const FullPayment paid = confirm(failed.payment.id, edit);
    EXPECT_EQ(refused(try_refund({.charge = failed.charge->id})), Reason::nothing_captured);
    const FullRefund refunded = done(try_refund({.charge = paid.charge->id}));
    EXPECT_EQ(refunded.refund.payment, paid.payment.id);
    EXPECT_EQ(refunded.refund.amount.minor, 1'000);
}

TEST_P(RefundServiceTest, HoldsWhatIsUnderWayAndGivesBackWhatFailed) {
    for (const std::string_view number : {kRefundPendsCard, kRefundFailsCard}) {
        SCOPED_TRACE(number);
        const PaymentId id = pay({.card = number}).payment.id;
        told();
        const FullRefund pending = refund(id, 700);
        EXPECT_EQ(pending.refund.status, RefundStatus::pending);
        EXPECT_EQ(told(), Names{"refund.created"});
        EXPECT_EQ(refused_refund(id, 301), Reason::refund_too_large);
        const bool fails = number == kRefundFailsCard;
        settle_refund_to(
            pending.refund.id,
            {.status = fails ? RefundStatus::failed : RefundStatus::succeeded,
             .failure_reason = fails ? "expired_or_canceled_card" : ""}
        );
        EXPECT_EQ(
            told(), fails ? Names{"refund.failed"} : (Names{"refund.succeeded", "charge.refunded"})
        );
        const FullPayment after = stored(id);
        EXPECT_EQ(after.payment.refunded_minor, fails ? 0 : 700);
        EXPECT_EQ(after.charge->refunded_minor, fails ? 0 : 700);
    }
}

TEST_P(RefundServiceTest, ShowsAPaymentAsRefundedOnceAllOfItWent) {
    const auto face_of = [this](PaymentId id) {
        const FaceStatus face = face_status_of(stored(id).payment);
        std::string kept = "payments WHERE id = " + std::to_string(id.value);
        kept += " AND face_status = " + std::to_string(static_cast<int>(face));
        EXPECT_EQ(rows(kept), 1);
        return face;
    };
    for (const std::string_view number : {kRefundPendsCard, kRefundFailsCard}) {
        SCOPED_TRACE(number);
        const PaymentId id = pay({.card = number}).payment.id;
        const FullRefund part = refund(id, 400);
        settle_refund_to(part.refund.id, {.status = RefundStatus::succeeded});
        EXPECT_EQ(face_of(id), FaceStatus::succeeded);
        const FullRefund rest = refund(id);
        EXPECT_EQ(face_of(id), FaceStatus::succeeded) << "it may still fail";
        EXPECT_EQ(refused_refund(id), Reason::already_refunded);
        const bool fails = number == kRefundFailsCard;
        settle_refund_to(
            rest.refund.id, {.status = fails ? RefundStatus::failed : RefundStatus::succeeded}
        );
        EXPECT_EQ(face_of(id), fails ? FaceStatus::succeeded : FaceStatus::refunded);
    }
    EXPECT_EQ(rows("payment_blocks WHERE face_status = 5 AND count = 1"), 1);
    EXPECT_EQ(rows("payment_runs WHERE face_status = 5 AND count = 1"), 1);
    EXPECT_EQ(read(audit_books(connection())), Names{});
}

TEST_P(RefundServiceTest, TakesASuccessThatTheBankSentBack) {
    const PaymentId id = pay().payment.id;
    const FullRefund refunded = refund(id);
    const std::int64_t lines = rows("balance_transactions");
    settle_refund_to(refunded.refund.id, {.status = RefundStatus::failed});
    EXPECT_EQ(stored(id).payment.refunded_minor, 0);
    EXPECT_EQ(rows("balance_transactions"), lines + 1);
    settle_refund_to(refunded.refund.id, {.status = RefundStatus::succeeded});
    EXPECT_EQ(stored(id).refunds.front().status, RefundStatus::failed) << "never backwards";
    EXPECT_EQ(refund(id).refund.status, RefundStatus::succeeded);
}

TEST_P(RefundServiceTest, WaitsForASlowGateway) {
    const PaymentId id = pay({.gateway = "slow"}).payment.id;
    answer(orders_.front(), "stripe");
    told();
    const FullRefund asked = refund(id);
    EXPECT_EQ(asked.refund.status, RefundStatus::pending);
    ASSERT_EQ(orders_.size(), 1U);
    const OrderId order = orders_.front();
    EXPECT_EQ(refused_refund(id), Reason::already_refunded);
    answer(order, "stripe");
    EXPECT_EQ(told(), (Names{"refund.created", "refund.succeeded", "charge.refunded"}));
    EXPECT_EQ(stored(id).refunds.front().status, RefundStatus::succeeded);
    EXPECT_FALSE(read(load_order(books(), order)).has_value());
}

TEST_P(RefundServiceTest, EditsMetadataAndCancelsNothingThatIsOnItsWay) {
    const FullRefund made = refund(pay({.card = kRefundPendsCard}).payment.id);
    PaymentEdit edit;
    edit.metadata = {{"note", "late"}};
    const FullRefund edited =
        done(run([&](Work& work) { return update_refund_of(work, made.refund.id, edit); }));
    EXPECT_EQ(edited.refund.metadata, (Metadata{{"note", "late"}}));
    EXPECT_EQ(done(load_refund(books(), made.refund.id)).refund, edited.refund);
    EXPECT_EQ(
        refused(run([&](Work& work) { return cancel_refund(work, made.refund.id); })),
        Reason::unexpected_status
    );
    EXPECT_EQ(refused(load_refund(books(), RefundId{9})), Reason::not_found);
}

// Whatever is asked and whatever fails in whichever order: what is refunded or on its way never
// exceeds what was taken, and the payment's sum is that of its refunds.
TEST_P(RefundServiceTest, NeverRefundsMoreThanWasCaptured) {
    std::mt19937 random{20'260'128};
    const auto below = [&random](std::int64_t bound) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(bound));
    };
    const PaymentId id = pay({.card = kRefundPendsCard}).payment.id;
    for (int step = 0; step < 150; ++step) {
        const std::vector<Refund> before = read(refunds_of(connection(), id));
        if (before.empty() || below(2) == 0) {
            const auto tried = try_refund({.payment = id, .minor = below(400)});
            EXPECT_TRUE(tried.has_value() || tried.error().refusal() != nullptr);
        } else {
            const Refund& chosen =
                before[static_cast<std::size_t>(below(static_cast<std::int64_t>(before.size())))];
            const bool fails = below(2) == 0;
            settle_refund_to(
                chosen.id, {.status = fails ? RefundStatus::failed : RefundStatus::succeeded}
            );
        }
        std::int64_t sum = 0;
        for (const Refund& refund : read(refunds_of(connection(), id))) {
            if (refund.status != RefundStatus::failed) sum += refund.amount.minor;
        }
        const FullPayment full = stored(id);
        ASSERT_LE(sum, full.payment.received_minor);
        ASSERT_EQ(sum, full.payment.refunded_minor);
        ASSERT_EQ(sum, full.charge->refunded_minor);
    }
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    RefundServiceTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
