#include "payments/records/ledger_records.hpp"

#include "tests/unit/payments/payments_fixture.hpp"

namespace postern::payments {
namespace {

class LedgerRecordsTest : public PaymentsTest {
 protected:
    void post_all(Owner owner, const Currency& currency, const Postings& postings) {
        EXPECT_TRUE(write([&](Transaction& transaction) {
                        return post(transaction, owner, currency, postings);
                    }).has_value());
    }
    CurrencyBalance balance(const Currency& currency) {
        return read(read_balance(connection(), owner_, currency));
    }
};

TEST_P(LedgerRecordsTest, SumsWhatWasPostedByAccountAndCurrency) {
    const Currency eur = currency("eur");
    const ChargePosting charge{.gross = 1'000, .fee = 59, .bucket = Bucket::pending_instant};
    post_all(owner_, kUsd, charge_postings(charge));
    post_all(owner_, kUsd, settle_postings(Bucket::pending_instant, 941));
    post_all(owner_, eur, charge_postings({.gross = 500, .fee = 45, .bucket = Bucket::pending}));
    const CurrencyBalance usd = balance(kUsd);
    EXPECT_EQ(usd.available(), 941);
    EXPECT_EQ(usd.pending(), 0);
    EXPECT_EQ(usd.of(LedgerAccount::clearing), -1'000);
    EXPECT_EQ(usd.of(LedgerAccount::fees), 59);
    EXPECT_EQ(balance(eur).pending(), 455);
    EXPECT_EQ(balance(currency("jpy")).pending(), 0);
    const auto all = read(read_balances(connection(), owner_));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].currency, eur);
    EXPECT_EQ(all[0].pending(), 455);
    EXPECT_EQ(all[1].available(), 941);
}

TEST_P(LedgerRecordsTest, KeepsTheModesAndAccountsApart) {
    const Owner live{storage::kDefaultAccount, storage::Livemode::live};
    post_all(live, kUsd, charge_postings({.gross = 100, .bucket = Bucket::available}));
    EXPECT_TRUE(read(read_balances(connection(), owner_)).empty());
    EXPECT_EQ(read(read_balance(connection(), live, kUsd)).available(), 100);
}

TEST_P(LedgerRecordsTest, WritesNoEntryForWhatMovesNothing) {
    post_all(
        owner_,
        kUsd,
        {{LedgerAccount::clearing, -5}, {LedgerAccount::fees, 0}, {LedgerAccount::available, 5}}
    );
    EXPECT_EQ(count_rows(connection(), "ledger_entries"), 2);
    post_all(owner_, kUsd, {});
    EXPECT_EQ(count_rows(connection(), "ledger_entries"), 2);
}

using LedgerRecordsDeathTest = LedgerRecordsTest;

TEST_P(LedgerRecordsDeathTest, RefusesToPostWhatDoesNotBalance) {
    EXPECT_DEATH(
        post_all(owner_, kUsd, {{LedgerAccount::clearing, -5}, {LedgerAccount::available, 4}}),
        "is_balanced"
    );
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    LedgerRecordsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);
INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    LedgerRecordsDeathTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
