#include "payments/domain/payout.hpp"
#include "tests/unit/payments/service/money_fixture.hpp"

namespace postern::payments {
namespace {

constexpr auto kInstant = Payout::Method::instant;

class PayoutServiceTest : public MoneyTest {
 protected:
    Done<Payout> try_create(const PayoutDraft& draft) {
        return run([&](Work& work) { return create_payout(work, draft); });
    }
    Payout create_of(std::int64_t minor, PayoutDraft draft = {}) {
        draft.amount = {minor, kUsd};
        return done(try_create(draft));
    }
    Done<Payout> cancel(PayoutId id) {
        return run([&](Work& work) { return cancel_payout(work, id); });
    }
    Effect settle(PayoutId id, const PayoutFact& fact) {
        const Payout payout = at(id);
        return read(run([&](Work& work) { return settle_payout(work, payout, fact); }));
    }
    Payout at(PayoutId id) {
        return read(find_payout(connection(), owner_, id)).value_or(Payout{});
    }
};

TEST_P(PayoutServiceTest, TakesTheMoneyWhenItIsMade) {
    fill_available(10'000);
    const std::int64_t available = balance().available;
    const Payout payout = create_of(4'000, {.description = "weekly", .metadata = {{"a", "b"}}});
    EXPECT_EQ(payout.status, PayoutStatus::pending);
    EXPECT_FALSE(payout.gateway_payout_id.empty());
    EXPECT_EQ(payout.description, "weekly");
    EXPECT_GT(payout.arrival_at, clock_.now());
    EXPECT_EQ(told(), Names{"payout.created"});
    const BalanceTransaction taken = line(payout.balance_transaction);
    EXPECT_EQ(taken.type, TransactionType::payout);
    EXPECT_EQ(taken.amount, -4'000);
    EXPECT_EQ(taken.source, stripe_id(around_.ids, payout.id));
    EXPECT_EQ(balance().available, available - 4'000);
    EXPECT_EQ(in(LedgerAccount::in_transit), 4'000);
}

TEST_P(PayoutServiceTest, IsPaidByTheProvidersWebhooks) {
    fill_available(10'000);
    const PayoutId id = create_of(4'000).id;
    told();
    let_providers_speak();
    EXPECT_EQ(at(id).status, PayoutStatus::pending) << "a few seconds at least";
    pass(std::chrono::seconds{3});
    let_providers_speak();
    EXPECT_EQ(at(id).status, PayoutStatus::in_transit);
    pass(std::chrono::seconds{3});
    let_providers_speak();
    EXPECT_EQ(at(id).status, PayoutStatus::paid);
    EXPECT_EQ(in(LedgerAccount::in_transit), 0);
    EXPECT_EQ(in(LedgerAccount::paid_out), 4'000);
}

TEST_P(PayoutServiceTest, SpendsWhatIsAvailableAndNothingElse) {
    pay({.minor = 50'000});
    fill_available(10'000);
    const std::int64_t available = balance().available;
    EXPECT_EQ(refused(try_create({.amount = {available + 1, kUsd}})), Reason::balance_insufficient);
    EXPECT_EQ(refused(try_create({.amount = {1, currency("eur")}})), Reason::balance_insufficient);
    EXPECT_EQ(refused(try_create({.amount = {0, kUsd}})), Reason::amount_invalid);
    EXPECT_EQ(rows("payouts"), 0);
    create_of(available);
    EXPECT_EQ(balance().available, 0);
}

TEST_P(PayoutServiceTest, SpendsInstantMoneyOnceAndNotAgainWhenItSettles) {
    pay({.minor = 10'000});
    EXPECT_EQ(
        refused(try_create({.amount = {9'681, kUsd}, .method = kInstant})),
        Reason::balance_insufficient
    );
    const Payout payout = create_of(9'000, {.method = kInstant});
    EXPECT_EQ(payout.arrival_at, clock_.now());
    EXPECT_EQ(balance(), (Balance{.pending = 9'680, .available = -9'000, .instant = 680}));
    pass(kSettlesAfter);
    settle_all();
    EXPECT_EQ(balance(), (Balance{.pending = 0, .available = 680, .instant = 680}));
    EXPECT_EQ(refused(try_create({.amount = {681, kUsd}})), Reason::balance_insufficient);
}

TEST_P(PayoutServiceTest, ReturnsTheMoneyWhenItIsCanceled) {
    fill_available(10'000);
    const std::int64_t available = balance().available;
    const PayoutId id = create_of(4'000).id;
    told();
    const Payout canceled = done(cancel(id));
    EXPECT_EQ(canceled.status, PayoutStatus::canceled);
    EXPECT_EQ(line(canceled.failure_transaction).type, TransactionType::payout_cancel);
    EXPECT_EQ(told(), Names{"payout.canceled"});
    EXPECT_EQ(balance().available, available);
    EXPECT_EQ(refused(cancel(id)), Reason::payout_not_pending);
    EXPECT_EQ(refused(cancel(PayoutId{7})), Reason::not_found);
    for (const MessageRow& row : messages())
        EXPECT_EQ(row.message.event.gateway_payout_id, "") << "its provider says no more of it";
}

constexpr storage::Sql kMoveToGateway{"UPDATE payouts SET gateway = $1 WHERE id = $2"};

TEST_P(PayoutServiceTest, IsCanceledOnceASlowGatewayHasCanceledIt) {
    fill_available(10'000);
    const PayoutId id = create_of(4'000).id;
    ASSERT_TRUE(write([&](storage::Transaction& transaction) {
                    auto query = transaction.query(kMoveToGateway);
                    query.bind(gateways_.find("slow")->number.value).bind(id.value);
                    return query.run();
                }).has_value());
    told();
    EXPECT_EQ(done(cancel(id)).status, PayoutStatus::pending);
    ASSERT_EQ(orders_.size(), 1U);
    const OrderId order = orders_.front();
    EXPECT_EQ(done(cancel(id)).status, PayoutStatus::pending);
    EXPECT_TRUE(orders_.empty()) << "it is asked once";
    EXPECT_TRUE(told().empty());
    answer(order, "slow");
    EXPECT_EQ(at(id).status, PayoutStatus::canceled);
    EXPECT_EQ(told(), Names{"payout.canceled"});
    EXPECT_FALSE(read(load_order(books(), order)).has_value());
}

TEST_P(PayoutServiceTest, ReturnsTheMoneyWhenTheBankRefusesIt) {
    fill_available(10'000);
    const std::int64_t available = balance().available;
    const PayoutId early = create_of(4'000).id;
    const PayoutId late = create_of(1'000).id;
    told();
    const PayoutFact refused{.status = PayoutStatus::failed, .failure_code = "account_closed"};
    EXPECT_EQ(settle(early, refused), Effect::moved);
    EXPECT_EQ(settle(early, refused), Effect::already);
    EXPECT_EQ(settle(late, {.status = PayoutStatus::paid}), Effect::moved);
    EXPECT_EQ(settle(late, {.status = PayoutStatus::in_transit}), Effect::stale);
    EXPECT_EQ(settle(late, refused), Effect::moved);
    EXPECT_EQ(told(), (Names{"payout.failed", "payout.paid", "payout.failed"}));
    EXPECT_EQ(at(early).failure_code, "account_closed");
    EXPECT_EQ(line(at(late).failure_transaction).type, TransactionType::payout_failure);
    EXPECT_EQ(balance().available, available);
    EXPECT_EQ(in(LedgerAccount::paid_out), 0);
}

TEST_P(PayoutServiceTest, ChangesMetadata) {
    fill_available(10'000);
    const PayoutId id = create_of(4'000, {.metadata = {{"a", "1"}, {"b", "2"}}}).id;
    told();
    PaymentEdit edit;
    edit.metadata = {{"a", ""}, {"c", "3"}};
    const auto update = [&] {
        return done(run([&](Work& work) { return update_payout_of(work, id, edit); }));
    };
    EXPECT_EQ(update().metadata, (Metadata{{"b", "2"}, {"c", "3"}}));
    EXPECT_EQ(update(), at(id));
    EXPECT_EQ(told(), Names{"payout.updated"});
}

TEST_P(PayoutServiceTest, PaysOutEverythingAvailableByTheSchedule) {
    const auto rich = [this](const AvailableQuestion& question) {
        return read(owners_with_available(connection(), question, 1));
    };
    EXPECT_TRUE(rich({}).empty());
    fill_available(10'000);
    const std::int64_t available = balance().available;
    pay({.minor = 5'000});
    const Owner first = owner_;
    owner_ = another_owner();
    fill_available(3'000);
    std::vector<Owner> passed;
    for (auto found = rich({}); !found.empty(); found = rich({.after = found.back()})) {
        passed.push_back(found.back().owner);
        EXPECT_TRUE(run([&](Work& work) {
                        return make_scheduled_payout(work, found.back().owner, kUsd);
                    }).has_value());
    }
    EXPECT_EQ(passed, (std::vector<Owner>{first, owner_}));
    EXPECT_TRUE(rich({}).empty());
    EXPECT_EQ(balance().available, 0);
    owner_ = first;
    EXPECT_EQ(balance().available, 0);
    const auto made = read(list_payouts(connection(), {.owner = owner_}, {}));
    ASSERT_EQ(made.rows.size(), 1U);
    EXPECT_EQ(made.rows[0].amount.minor, available);
    EXPECT_EQ(made.rows[0].origin, Payout::Origin::schedule);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    PayoutServiceTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
