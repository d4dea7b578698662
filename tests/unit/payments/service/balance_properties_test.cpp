#include "payments/records/money_records.hpp"
#include "tests/unit/payments/domain/seeded.hpp"
#include "tests/unit/payments/service/money_fixture.hpp"

namespace postern::payments {
namespace {

constexpr int kStepsPerSeed = 150;

// Whatever a merchant, their customers, banks and time do in whatever order: the books balance, and
// nobody spends what is not theirs.
class BalancePropertiesTest : public MoneyTest {
 protected:
    void step() {
        switch (seeded_.below(10)) {
            case 0:
            case 1: return take_payment();
            case 2: return give_refund();
            case 3: return move_refund();
            case 4: return begin_dispute();
            case 5: return move_dispute();
            case 6: return pay_out();
            case 7: return move_payout();
            case 8: return transfer();
            default: return let_time_pass();
        }
    }

    void take_payment() {
        constexpr std::array kCards = {kVisa, kAvailableCard};
        const FullPayment paid = pay(
            {.card = kCards[static_cast<std::size_t>(seeded_.below(2))],
             .minor = 50 + seeded_.below(50'000)}
        );
        payments_.push_back(paid.payment.id);
    }
    void give_refund() {
        if (payments_.empty()) return;
        const RefundDraft draft{.payment = one_of(payments_), .minor = 1 + seeded_.below(30'000)};
        const auto made = run([&](Work& work) { return create_refund(work, draft); });
        if (made) refunds_.push_back(made->refund.id);
    }
    void move_refund() {
        if (refunds_.empty()) return;
        const auto refund = read(find_refund(connection(), owner_, one_of(refunds_)));
        const RefundFact fact{static_cast<RefundStatus>(seeded_.below(5)), {}};
        read(run([&](Work& work) { return settle_refund(work, *refund, fact); }));
    }
    void begin_dispute() {
        if (payments_.empty()) return;
        const Payment payment = stored(one_of(payments_)).payment;
        const DisputeDraft draft{
            .gateway_dispute_id = "dp_" + std::to_string(disputes_.size()),
            .status = static_cast<DisputeStatus>(seeded_.below(7))};
        const auto opened = run([&](Work& work) { return open_dispute(work, payment, draft); });
        if (opened) disputes_.push_back(opened->id);
    }
    void move_dispute() {
        if (disputes_.empty()) return;
        const auto dispute = read(find_dispute(connection(), owner_, one_of(disputes_)));
        const DisputeFact fact{static_cast<DisputeStatus>(seeded_.below(7))};
        read(run([&](Work& work) { return settle_dispute(work, *dispute, fact); }));
    }
    void pay_out() {
        const bool instant = seeded_.one_in(2);
        const PayoutDraft draft{
            .amount = {1 + seeded_.below(60'000), kUsd},
            .method = instant ? Payout::Method::instant : Payout::Method::standard};
        const auto made = run([&](Work& work) { return create_payout(work, draft); });
        if (!made) return;
        payouts_.push_back(made->id);
        const std::int64_t early = instant ? in(LedgerAccount::pending_instant) : 0;
        EXPECT_GE(balance().available + early, 0);
    }
    void move_payout() {
        if (payouts_.empty()) return;
        const auto payout = read(find_payout(connection(), owner_, one_of(payouts_)));
        const PayoutFact fact{static_cast<PayoutStatus>(seeded_.below(5)), "account_closed"};
        read(run([&](Work& work) { return settle_payout(work, *payout, fact); }));
    }
    void transfer() {
        if (!transfers_.empty() && seeded_.one_in(2)) {
            const TransferId id = one_of(transfers_);
            const std::int64_t minor = 1 + seeded_.below(20'000);
            static_cast<void>(run([&](Work& work) { return reverse_transfer(work, id, minor, {}); })
            );
            return;
        }
        const TransferDraft draft{
            .amount = {1 + seeded_.below(30'000), kUsd}, .destination = "acct_1"};
        const auto made = run([&](Work& work) { return create_transfer(work, draft); });
        if (!made) return;
        transfers_.push_back(made->id);
        EXPECT_GE(balance().available, 0);
    }
    void let_time_pass() {
        pass(std::chrono::hours{seeded_.below(30)});
        const auto lines = static_cast<std::size_t>(1 + seeded_.below(20));
        read(run([&](Work& work) { return settle_due(work, lines); }));
    }

    template <class Id>
    Id one_of(const std::vector<Id>& ids) {
        return ids[static_cast<std::size_t>(seeded_.below(static_cast<std::int64_t>(ids.size())))];
    }

    Seeded seeded_{0};
    std::vector<PaymentId> payments_;
    std::vector<RefundId> refunds_;
    std::vector<DisputeId> disputes_;
    std::vector<PayoutId> payouts_;
    std::vector<TransferId> transfers_;
};

TEST_P(BalancePropertiesTest, BalanceWhateverHappens) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        seeded_ = Seeded{seed};
        for (int i = 0; i < kStepsPerSeed; ++i) {
            step();
            if (i % 10 == 0) {
                EXPECT_EQ(read(audit_books(connection())), Sentences{}) << "step " << i;
            }
            if (HasFailure()) return;
        }
    }
    EXPECT_FALSE(payouts_.empty() || transfers_.empty() || disputes_.empty() || refunds_.empty());
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    BalancePropertiesTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
