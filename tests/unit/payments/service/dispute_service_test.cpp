#include "payments/domain/dispute.hpp"
#include "payments/records/money_records.hpp"
#include "tests/unit/payments/service/money_fixture.hpp"

namespace postern::payments {
namespace {

constexpr std::string_view kDisputedCard = "4000000000000259";
constexpr std::string_view kDeciding = "uncategorized_text";

EvidenceEdit evidence(std::string_view text) {
    EvidenceEdit edit;
    edit.evidence = {{std::string{kDeciding}, std::string{text}}};
    return edit;
}

class DisputeServiceTest : public MoneyTest {
 protected:
    Done<Dispute> try_open(PaymentId id, const DisputeDraft& draft) {
        const Payment payment = stored(id).payment;
        return run([&](Work& work) { return open_dispute(work, payment, draft); });
    }
    Dispute open(PaymentId id, const DisputeDraft& draft = {.gateway_dispute_id = "dp_1"}) {
        return done(try_open(id, draft));
    }
    Dispute opened() { return open(pay({.minor = 10'000}).payment.id); }
    Done<Dispute> update(DisputeId id, const EvidenceEdit& edit) {
        return run([&](Work& work) { return update_dispute_of(work, id, edit); });
    }
    Done<Dispute> close(DisputeId id) {
        return run([&](Work& work) { return close_dispute(work, id); });
    }
    Effect settle(DisputeId id, DisputeStatus status) {
        const Dispute dispute = at(id);
        return read(run([&](Work& work) { return settle_dispute(work, dispute, {status}); }));
    }
    Dispute at(DisputeId id) {
        return read(find_dispute(connection(), owner_, id)).value_or(Dispute{});
    }
};

TEST_P(DisputeServiceTest, WithdrawsTheFundsWhenItBegins) {
    const FullPayment paid = pay({.minor = 10'000});
    told();
    const Dispute dispute = open(paid.payment.id);
    EXPECT_EQ(told(), (Names{"dispute.created", "charge.dispute.funds_withdrawn"}));
    EXPECT_EQ(dispute.amount.minor, 10'000);
    EXPECT_EQ(dispute.status, DisputeStatus::needs_response);
    EXPECT_GT(dispute.due_by, clock_.now());
    EXPECT_EQ(at(dispute.id), dispute);
    const FullPayment after = stored(paid.payment.id);
    EXPECT_EQ(after.payment.dispute, dispute.id);
    EXPECT_EQ(after.charge->dispute, dispute.id);
    const BalanceTransaction withdrawn = line(dispute.withdrawn);
    EXPECT_EQ(withdrawn.type, TransactionType::dispute);
    EXPECT_EQ(withdrawn.amount, -10'000);
    EXPECT_EQ(withdrawn.fee, 1'500);
    EXPECT_EQ(in(LedgerAccount::reserved), 10'000);
    EXPECT_EQ(balance().pending, 9'680 - 11'500);
}

TEST_P(DisputeServiceTest, TakesWhatIsLeftOfTheChargeUnlessToldOtherwise) {
    const PaymentId refunded = pay({.minor = 10'000}).payment.id;
    refund(refunded, 4'000);
    EXPECT_EQ(open(refunded).amount.minor, 6'000);
    const PaymentId other = pay({.minor = 10'000}).payment.id;
    EXPECT_EQ(open(other, {.gateway_dispute_id = "dp_2", .minor = 77}).amount.minor, 77);
}

TEST_P(DisputeServiceTest, RefusesWhatCannotBe) {
    const PaymentId unpaid = create().payment.id;
    const PaymentId held = pay({.capture = CaptureMethod::manual}).payment.id;
    const PaymentId paid = pay().payment.id;
    EXPECT_EQ(refused(try_open(unpaid, {})), Reason::nothing_captured);
    EXPECT_EQ(refused(try_open(held, {})), Reason::nothing_captured);
    EXPECT_EQ(refused(try_open(paid, {.minor = 1'001})), Reason::amount_invalid);
    EXPECT_EQ(refused(try_open(paid, {.minor = 0})), Reason::amount_invalid);
    open(paid);
    EXPECT_EQ(refused(try_open(paid, {})), Reason::charge_disputed);
    EXPECT_EQ(rows("disputes"), 1);
}

TEST_P(DisputeServiceTest, KeepsEvidenceUntilItIsSubmitted) {
    const DisputeId id = opened().id;
    told();
    EvidenceEdit edit = evidence("we delivered");
    edit.submit = EvidenceEdit::Submit::no;
    const Dispute saved = done(update(id, edit));
    EXPECT_EQ(saved.status, DisputeStatus::needs_response);
    EXPECT_EQ(saved.submissions, 0);
    EXPECT_EQ(told(), Names{"dispute.updated"});
    EXPECT_EQ(done(update(id, edit)), saved) << "nothing new";
    EXPECT_EQ(told(), Names{});

    edit.evidence = {{"customer_name", "Jenny"}};
    edit.submit = EvidenceEdit::Submit::yes;
    const Dispute submitted = done(update(id, edit));
    EXPECT_EQ(submitted.status, DisputeStatus::under_review);
    EXPECT_EQ(submitted.submissions, 1);
    EXPECT_EQ(submitted.evidence.size(), 2U);
    EXPECT_EQ(told(), Names{"dispute.updated"});
    EXPECT_EQ(refused(update(id, evidence("more"))), Reason::dispute_closed);
}

TEST_P(DisputeServiceTest, SubmitsWhatWaitsWhenNothingElseIsAsked) {
    const DisputeId id = opened().id;
    EvidenceEdit edit = evidence("we delivered");
    edit.submit = EvidenceEdit::Submit::no;
    done(update(id, edit));
    EvidenceEdit metadata;
    metadata.metadata = {{"case", "7"}};
    EXPECT_EQ(done(update(id, metadata)).status, DisputeStatus::needs_response);
    EXPECT_EQ(done(update(id, {})).status, DisputeStatus::under_review);
    metadata.metadata = {{"case", ""}};
    EXPECT_EQ(done(update(id, metadata)).metadata, Metadata{}) << "metadata may change at any time";
}

TEST_P(DisputeServiceTest, TakesNoEvidenceAfterItsTime) {
    const DisputeId id = opened().id;
    pass(std::chrono::days{30});
    EXPECT_EQ(refused(update(id, evidence("late"))), Reason::dispute_closed);
    EXPECT_EQ(at(id).evidence, Metadata{});
}

struct Verdict {
    std::string_view text;
    DisputeStatus status;
    Names told;
    std::int64_t pending;
};

TEST_P(DisputeServiceTest, EndsAsTheProviderDecides) {
    const Verdict verdicts[] = {
        {"winning_evidence",
         DisputeStatus::won,
         {"charge.dispute.funds_reinstated"},
         9'680 - 1'500},
        {"losing_evidence", DisputeStatus::lost, {}, 9'680 - 11'500},
        {"something else", DisputeStatus::under_review, {}, 9'680 - 11'500},
    };
    std::int64_t pending = 0;
    for (const Verdict& verdict : verdicts) {
        SCOPED_TRACE(verdict.text);
        const DisputeId id =
            open(
                pay({.minor = 10'000}).payment.id,
                {.gateway_dispute_id = std::string{"dp_"} + std::string{verdict.text}}
            ).id;
        done(update(id, evidence(verdict.text)));
        pass(std::chrono::minutes{1});
        told();
        let_providers_speak();
        EXPECT_EQ(at(id).status, verdict.status);
        EXPECT_EQ(told(), verdict.told);
        pending += verdict.pending;
        EXPECT_EQ(balance().pending, pending);
    }
}

TEST_P(DisputeServiceTest, IsLostWhenTheMerchantClosesIt) {
    const DisputeId id = opened().id;
    told();
    const Dispute closed = done(close(id));
    EXPECT_EQ(closed.status, DisputeStatus::lost);
    EXPECT_EQ(closed.closed_at, clock_.now());
    EXPECT_EQ(told(), Names{"dispute.closed"});
    EXPECT_EQ(in(LedgerAccount::reserved), 0);
    EXPECT_EQ(refused(close(id)), Reason::dispute_closed);
    EvidenceEdit nothing;
    nothing.submit = EvidenceEdit::Submit::yes;
    EXPECT_EQ(refused(update(id, nothing)), Reason::dispute_closed);
    EXPECT_EQ(refused(close(DisputeId{7})), Reason::not_found);
}

TEST_P(DisputeServiceTest, IsLostOnceASlowGatewayHasClosedIt) {
    const PaymentId payment = pay({.minor = 10'000, .gateway = "slow"}).payment.id;
    answer(orders_.front(), "slow");
    const DisputeId id = open(payment).id;
    told();
    EXPECT_EQ(done(close(id)).status, DisputeStatus::needs_response);
    ASSERT_EQ(orders_.size(), 1U);
    const OrderId order = orders_.front();
    EXPECT_EQ(done(close(id)).status, DisputeStatus::needs_response);
    EXPECT_TRUE(orders_.empty()) << "it is asked once";
    EXPECT_TRUE(told().empty());
    answer(order, "slow");
    EXPECT_EQ(at(id).status, DisputeStatus::lost);
    EXPECT_EQ(told(), Names{"dispute.closed"});
    EXPECT_EQ(in(LedgerAccount::reserved), 0);
}

TEST_P(DisputeServiceTest, HoldsNothingForAnInquiryUntilItIsADispute) {
    const PaymentId payment = pay({.minor = 10'000}).payment.id;
    told();
    const DisputeId id =
        open(
            payment, {.gateway_dispute_id = "dp_1", .status = DisputeStatus::warning_needs_response}
        )
            .id;
    EXPECT_EQ(told(), Names{"dispute.created"});
    EXPECT_EQ(balance().pending, 9'680);
    EXPECT_EQ(settle(id, DisputeStatus::needs_response), Effect::moved);
    EXPECT_EQ(told(), (Names{"dispute.updated", "charge.dispute.funds_withdrawn"}));
    EXPECT_EQ(balance().pending, 9'680 - 11'500);
    EXPECT_EQ(settle(id, DisputeStatus::needs_response), Effect::already);
    EXPECT_EQ(settle(id, DisputeStatus::won), Effect::moved);
    EXPECT_EQ(told(), (Names{"dispute.closed", "charge.dispute.funds_reinstated"}));
    EXPECT_EQ(settle(id, DisputeStatus::lost), Effect::stale);
    EXPECT_EQ(balance().pending, 9'680 - 1'500);
}

TEST_P(DisputeServiceTest, OpensAndEndsWhatIsOverWhenItIsFirstToldOf) {
    struct Case {
        DisputeStatus status;
        Names told;
        std::int64_t pending;
    };
    const Names taken = {"dispute.created", "charge.dispute.funds_withdrawn", "dispute.closed"};
    const Names given_back = {
        "dispute.created",
        "charge.dispute.funds_withdrawn",
        "dispute.closed",
        "charge.dispute.funds_reinstated"};
    const Case cases[] = {
        {DisputeStatus::lost, taken, 9'680 - 11'500},
        {DisputeStatus::won, given_back, 9'680 - 1'500},
        {DisputeStatus::warning_closed, {"dispute.created", "dispute.closed"}, 9'680},
    };
    std::int64_t pending = 0;
    for (const Case& test_case : cases) {
        SCOPED_TRACE(to_text(test_case.status));
        const PaymentId payment = pay({.minor = 10'000}).payment.id;
        told();
        const Dispute dispute = open(
            payment,
            {.gateway_dispute_id = std::string{to_text(test_case.status)},
             .status = test_case.status}
        );
        EXPECT_EQ(told(), test_case.told);
        EXPECT_EQ(dispute.status, test_case.status);
        EXPECT_EQ(dispute.closed_at, clock_.now());
        EXPECT_EQ(at(dispute.id), dispute);
        pending += test_case.pending;
        EXPECT_EQ(balance().pending, pending);
        EXPECT_EQ(in(LedgerAccount::reserved), 0);
    }
}

TEST_P(DisputeServiceTest, ThatWasLostBarsRefundsWhateverBecomesOfALaterOne) {
    const PaymentId payment = pay({.minor = 10'000}).payment.id;
    open(payment, {.gateway_dispute_id = "dp_1", .status = DisputeStatus::lost});
    open(payment, {.gateway_dispute_id = "dp_2", .status = DisputeStatus::warning_closed});
    const auto refunded =
        run([&](Work& work) { return create_refund(work, {.payment = payment}); });
    EXPECT_EQ(refused(refunded), Reason::charge_disputed);
}

TEST_P(DisputeServiceTest, ReinstatesToWhereTheMoneyLiesByThen) {
    const DisputeId id = opened().id;
    pass(kSettlesAfter);
    settle_all();
    EXPECT_EQ(balance().available, 9'680 - 11'500);
    EXPECT_EQ(settle(id, DisputeStatus::won), Effect::moved);
    EXPECT_EQ(balance(), (Balance{.pending = 0, .available = 8'180, .instant = 8'180}));
}

TEST_P(DisputeServiceTest, BeginsByTheProvidersWebhook) {
    const FullPayment full = pay({.minor = 10'000});
    told();
    UnifiedEvent event = news(EventType::dispute_created, full.payment);
    event.gateway_dispute_id = "dp_of_theirs";
    event.reason = "fraudulent";
    hear(event);
    const FullPayment paid = stored(full.payment.id);
    ASSERT_TRUE(paid.dispute.has_value());
    EXPECT_EQ(paid.dispute->reason, "fraudulent");
    EXPECT_EQ(paid.dispute->amount.minor, 10'000);
    EXPECT_EQ(told(), Names{"charge.dispute.funds_withdrawn"});
}

TEST_P(DisputeServiceTest, OfTheDisputedCardIsToldOnce) {
    const PaymentId id = pay({.card = kDisputedCard, .minor = 10'000}).payment.id;
    ASSERT_TRUE(stored(id).dispute.has_value());
    EXPECT_EQ(stored(id).dispute->amount.minor, 10'000);
    told();
    pass(std::chrono::minutes{1});
    let_providers_speak();
    EXPECT_EQ(told(), Names{});
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    DisputeServiceTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
