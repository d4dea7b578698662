#include "tests/unit/payments/service/money_fixture.hpp"

namespace postern::payments {
namespace {

class TransferServiceTest : public MoneyTest {
 protected:
    Done<Transfer> try_create(const TransferDraft& draft) {
        return run([&](Work& work) { return create_transfer(work, draft); });
    }
    Transfer create_of(std::int64_t minor, TransferDraft draft = {}) {
        draft.amount = {minor, kUsd};
        draft.destination = "acct_1";
        return done(try_create(draft));
    }
    Done<FullReversal> reverse(TransferId id, std::optional<std::int64_t> minor = {}) {
        return run([&](Work& work) { return reverse_transfer(work, id, minor, {{"why", "x"}}); });
    }
    Transfer at(TransferId id) {
        return read(find_transfer(connection(), owner_, id)).value_or(Transfer{});
    }
};

TEST_P(TransferServiceTest, MovesWhatIsAvailable) {
    const Charge charge = *pay({.card = kAvailableCard, .minor = 10'000}).charge;
    told();
    const Transfer transfer =
        create_of(4'000, {.transfer_group = "g", .source = charge.id, .metadata = {{"a", "b"}}});
    EXPECT_EQ(told(), Names{"transfer.created"});
    EXPECT_EQ(at(transfer.id), transfer);
    EXPECT_EQ(line(transfer.balance_transaction).amount, -4'000);
    EXPECT_EQ(line(transfer.balance_transaction).type, TransactionType::transfer);
    EXPECT_EQ(balance().available, 5'680);
    EXPECT_EQ(in(LedgerAccount::connected), 4'000);
}

TEST_P(TransferServiceTest, SendsOnNoMoreThanItsChargeBrought) {
    const Charge charge = *pay({.card = kAvailableCard, .minor = 5'000}).charge;
    fill_available(90'000);
    const TransferDraft draft{
        .amount = {3'000, kUsd}, .destination = "acct_1", .source = charge.id};
    TransferDraft foreign = draft;
    foreign.amount.currency = *Currency::parse("gbp");
    EXPECT_EQ(refused(try_create(foreign)), Reason::parameter_invalid);
    const Transfer first = done(try_create(draft));
    EXPECT_EQ(refused(try_create(draft)), Reason::amount_invalid);
    done(reverse(first.id, 1'000));
    done(try_create(draft));
    EXPECT_EQ(refused(try_create(draft)), Reason::amount_invalid);
}

TEST_P(TransferServiceTest, RefusesWhatCannotBe) {
    pay({.minor = 10'000});
    EXPECT_EQ(refused(try_create({.amount = {100, kUsd}})), Reason::balance_insufficient);
    EXPECT_EQ(refused(try_create({.amount = {0, kUsd}})), Reason::amount_invalid);
    const Done<Transfer> sourced = try_create({.amount = {1, kUsd}, .source = ChargeId{7}});
    EXPECT_EQ(refused(sourced), Reason::reference_missing);
    EXPECT_EQ(sourced.error().refusal()->parameter, "source_transaction");
    const Charge paid = *pay({.card = kAvailableCard, .minor = 500}).charge;
    pay({.card = kAvailableCard, .minor = 10'000});
    EXPECT_EQ(
        refused(try_create({.amount = {501, kUsd}, .source = paid.id})), Reason::amount_invalid
    );
    const Done<Transfer> other = try_create({.amount = {400, currency("eur")}, .source = paid.id});
    EXPECT_EQ(refused(other), Reason::parameter_invalid);
    EXPECT_EQ(other.error().refusal()->parameter, "source_transaction");
    EXPECT_EQ(rows("transfers"), 0);
}

TEST_P(TransferServiceTest, ReversesAPartAndThenTheRest) {
    pay({.card = kAvailableCard, .minor = 10'000});
    const TransferId id = create_of(4'000).id;
    told();
    const FullReversal part = done(reverse(id, 1'000));
    EXPECT_EQ(part.transfer.reversed_minor, 1'000);
    EXPECT_EQ(line(part.reversal.balance_transaction).amount, 1'000);
    EXPECT_EQ(refused(reverse(id, 3'001)), Reason::amount_invalid);
    EXPECT_EQ(refused(reverse(id, 0)), Reason::amount_invalid);
    EXPECT_EQ(done(reverse(id)).reversal.amount.minor, 3'000);
    EXPECT_EQ(refused(reverse(id)), Reason::transfer_already_reversed);
    EXPECT_EQ(refused(reverse(TransferId{7})), Reason::not_found);
    EXPECT_EQ(told(), (Names{"transfer.reversed", "transfer.reversed"}));
    EXPECT_EQ(read(reversals_of(connection(), id)).size(), 2U);
    EXPECT_EQ(balance().available, 9'680);
}

TEST_P(TransferServiceTest, ChangesWhatMayChange) {
    pay({.card = kAvailableCard, .minor = 10'000});
    const TransferId id = create_of(4'000, {.description = "old"}).id;
    told();
    PaymentEdit edit;
    edit.description = "new";
    edit.metadata = {{"a", "b"}};
    const auto update = [&] {
        return done(run([&](Work& work) { return update_transfer_of(work, id, edit); }));
    };
    EXPECT_EQ(update().description, "new");
    EXPECT_EQ(update(), at(id));
    EXPECT_EQ(told(), Names{"transfer.updated"});
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    TransferServiceTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
