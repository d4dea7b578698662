#include "payments/service/balance_service.hpp"

#include "tests/unit/payments/service/money_fixture.hpp"

namespace postern::payments {
namespace {

using State = BalanceTransaction::State;

class BalanceServiceTest : public MoneyTest {};

TEST_P(BalanceServiceTest, BooksAChargeWhereItsMoneyLies) {
    const FullPayment paid = pay({.minor = 10'000});
    const BalanceTransaction charge = line(paid.charge->balance_transaction);
    EXPECT_EQ(charge.type, TransactionType::charge);
    EXPECT_EQ(charge.amount, 10'000);
    EXPECT_EQ(charge.fee, 320);
    EXPECT_EQ(charge.state, State::pending);
    EXPECT_EQ(charge.available_on, clock_.now() + kSettlesAfter);
    EXPECT_EQ(charge.source, stripe_id(around_.ids, paid.charge->id));
    EXPECT_EQ(charge.payment, paid.payment.id);
    EXPECT_EQ(balance(), (Balance{.pending = 9'680, .available = 0, .instant = 9'680}));

    const FullPayment at_once = pay({.card = kAvailableCard, .minor = 10'000});
    const BalanceTransaction second = line(at_once.charge->balance_transaction);
    EXPECT_EQ(second.state, State::available);
    EXPECT_EQ(second.available_on, clock_.now());
    EXPECT_EQ(balance(), (Balance{.pending = 9'680, .available = 9'680, .instant = 19'360}));
}

TEST_P(BalanceServiceTest, SettlesWhatIsDueAndTellsItsOwner) {
    const FullPayment first = pay({.minor = 10'000});
    pass(std::chrono::hours{1});
    pay({.minor = 20'000});
    told();
    EXPECT_EQ(settle_all(), 0U);
    pass(kSettlesAfter - std::chrono::hours{1});
    EXPECT_EQ(settle_all(), 1U);
    EXPECT_EQ(told(), Names{"balance.available"});
    EXPECT_EQ(line(first.charge->balance_transaction).state, State::available);
    EXPECT_EQ(balance().available, 9'680);
    pass(std::chrono::hours{1});
    EXPECT_EQ(settle_all(), 1U);
    EXPECT_EQ(settle_all(), 0U);
    EXPECT_EQ(balance(), (Balance{.pending = 0, .available = 29'070, .instant = 29'070}));
}

TEST_P(BalanceServiceTest, SettlesEachOwnersMoneyForItself) {
    pay();
    const Owner first = owner_;
    owner_ = another_owner();
    pay();
    pass(kSettlesAfter);
    told();
    owner_ = another_owner();
    EXPECT_EQ(settle_all(), 2U);
    EXPECT_EQ(told(), (Names{"balance.available", "balance.available"}));
    EXPECT_EQ(balance(), Balance{});
    owner_ = first;
    EXPECT_EQ(balance().available, 941);
}

TEST_P(BalanceServiceTest, SettlesNoMoreAtOnceThanItIsTold) {
    for (int i = 0; i < 5; ++i) pay();
    pass(kSettlesAfter);
    const auto settle = [this] {
        return read(run([](Work& work) { return settle_due(work, 2); }));
    };
    EXPECT_EQ(settle(), 2U);
    EXPECT_EQ(settle(), 2U);
    EXPECT_EQ(settle(), 1U);
    EXPECT_EQ(balance().pending, 0);
}

TEST_P(BalanceServiceTest, TakesARefundFromWhereTheChargeLiesByThen) {
    const PaymentId id = pay({.minor = 10'000}).payment.id;
    const Refund early = refund(id, 1'000).refund;
    const BalanceTransaction pending = line(early.balance_transaction);
    EXPECT_EQ(pending.amount, -1'000);
    EXPECT_EQ(pending.bucket, Bucket::pending_instant);
    EXPECT_EQ(pending.available_on, clock_.now() + kSettlesAfter);
    EXPECT_EQ(balance(), (Balance{.pending = 8'680, .available = 0, .instant = 8'680}));
    pass(kSettlesAfter);
    EXPECT_EQ(settle_all(), 2U);
    EXPECT_EQ(balance().available, 8'680);
    const Refund late = refund(id, 2'000).refund;
    EXPECT_EQ(line(late.balance_transaction).state, State::available);
    EXPECT_EQ(balance(), (Balance{.pending = 0, .available = 6'680, .instant = 6'680}));
}

TEST_P(BalanceServiceTest, GivesBackARefundThatFailedAfterItsChargeSettled) {
    const PaymentId id = pay({.minor = 10'000}).payment.id;
    const Refund refunded = refund(id).refund;
    pass(kSettlesAfter);
    settle_all();
    EXPECT_EQ(balance().available, -320);
    const auto settled = run([&](Work& work) {
        return settle_refund(work, refunded, {.status = RefundStatus::failed});
    });
    EXPECT_TRUE(settled.has_value());
    EXPECT_EQ(balance(), (Balance{.pending = 0, .available = 9'680, .instant = 9'680}));
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    BalanceServiceTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
