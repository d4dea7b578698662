#include "payments/ledger/ledger.hpp"

#include "tests/unit/payments/domain/seeded.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace postern::payments {
namespace {

using enum LedgerAccount;

struct MovementCase {
    const char* name;
    Postings postings;
    Postings expected;
};

TEST(Ledger, PostsEachMovementOnBothSides) {
    const MovementCase cases[] = {
        {"a charge",
         charge_postings({.gross = 1'000, .fee = 59, .bucket = Bucket::pending_instant}),
         {{clearing, -1'000}, {pending_instant, 941}, {fees, 59}}},
        {"a charge without a fee",
         charge_postings({.gross = 1'000, .bucket = Bucket::available}),
         {{clearing, -1'000}, {available, 1'000}}},
        {"a charge that the fee eats",
         charge_postings({.gross = 20, .fee = 20}),
         {{clearing, -20}, {fees, 20}}},
        {"settlement", settle_postings(Bucket::pending, 941), {{pending, -941}, {available, 941}}},
        {"settlement of a refund",
         settle_postings(Bucket::pending, -500),
         {{pending, 500}, {available, -500}}},
        {"settlement of what is settled", settle_postings(Bucket::available, 941), {}},
        {"a refund", refund_postings(Bucket::available, 500), {{available, -500}, {clearing, 500}}},
        {"a refund that came back",
         refund_returned_postings(Bucket::pending, 500),
         {{clearing, -500}, {pending, 500}}},
        {"a dispute",
         dispute_postings({.bucket = Bucket::available, .minor = 1'000, .fee = kDisputeFeeMinor}),
         {{available, -2'500}, {reserved, 1'000}, {fees, 1'500}}},
        {"a dispute won",
         dispute_won_postings(Bucket::available, 1'000),
         {{reserved, -1'000}, {available, 1'000}}},
        {"a dispute lost", dispute_lost_postings(1'000), {{reserved, -1'000}, {clearing, 1'000}}},
        {"a transfer", transfer_postings(70), {{available, -70}, {connected, 70}}},
        {"a reversal", reversal_postings(70), {{connected, -70}, {available, 70}}},
        {"a payout", payout_postings(80), {{available, -80}, {in_transit, 80}}},
        {"a payout paid", payout_paid_postings(80), {{in_transit, -80}, {paid_out, 80}}},
        {"a payout returned", payout_returned_postings(80), {{in_transit, -80}, {available, 80}}},
        {"a paid payout returned",
         paid_payout_returned_postings(80),
         {{paid_out, -80}, {available, 80}}},
    };
    for (const MovementCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(test_case.postings, test_case.expected);
        EXPECT_TRUE(is_balanced(test_case.postings));
    }
    EXPECT_FALSE(is_balanced({{clearing, -1'000}, {available, 999}}));
}

TEST(Ledger, TakesTheSandboxFee) {
    const struct {
        std::int64_t minor, fee;
    } cases[] = {
        {1'000, 59},
        {500, 45},
        {499, 44},
        {50, 31},
        {30, 30},
        {1, 1},
        {0, 0},
        {-5, 0},
        {99'999'999, 2'900'030}};
    for (const auto& test_case : cases) {
        EXPECT_EQ(sandbox_fee(test_case.minor), test_case.fee) << test_case.minor;
    }
}

TEST(Ledger, ShowsBalances) {
    CurrencyBalance balance;
    const auto set = [&balance](LedgerAccount account, std::int64_t minor) {
        balance.by_account[static_cast<std::size_t>(account)] = minor;
    };
    set(pending, 5);
    set(pending_instant, 7);
    set(available, 11);
    EXPECT_EQ(balance.pending(), 12);
    EXPECT_EQ(balance.available(), 11);
    EXPECT_EQ(balance.instant_available(), 18);
    set(available, -30);
    EXPECT_EQ(balance.instant_available(), 0);
}

class Books {
 public:
    void post(const Postings& postings) {
        ASSERT_TRUE(is_balanced(postings));
        for (const Posting& posting : postings) {
            balance_.by_account[static_cast<std::size_t>(posting.account)] += posting.minor;
        }
    }
    std::int64_t of(LedgerAccount account) const { return balance_.of(account); }
    std::int64_t sum() const {
        return std::accumulate(
            std::begin(balance_.by_account), std::end(balance_.by_account), std::int64_t{0}
        );
    }

 private:
    CurrencyBalance balance_;
};

// What stands against the merchant must always be explained by what is known to have happened.
struct Known {
    std::int64_t at_gateways = 0;
    std::int64_t disputed = 0;
    std::int64_t on_its_way = 0;
    std::int64_t at_the_bank = 0;
    std::int64_t fees = 0;
};

void random_movement(Seeded& random, Books& books, Known& known) {
    const auto bucket = static_cast<Bucket>(random.below(3));
    const std::int64_t minor = 1 + random.below(kAmountMinorMax);
    switch (random.below(8)) {
        case 0:
            books.post(charge_postings({.gross = minor, .fee = sandbox_fee(minor), .bucket = bucket}
            ));
            known.at_gateways += minor;
            known.fees += sandbox_fee(minor);
            break;
        case 1: books.post(settle_postings(bucket, random.one_in(2) ? minor : -minor)); break;
        case 2:
            books.post(refund_postings(bucket, minor));
            known.at_gateways -= minor;
            break;
        case 3:
            books.post(refund_returned_postings(bucket, minor));
            known.at_gateways += minor;
            break;
        case 4:
            books.post(dispute_postings({.bucket = bucket, .minor = minor, .fee = 1'500}));
            known.disputed += minor;
            known.fees += 1'500;
            break;
        case 5:
            books.post(dispute_lost_postings(minor));
            known.disputed -= minor;
            known.at_gateways -= minor;
            break;
        case 6:
            books.post(payout_postings(minor));
            known.on_its_way += minor;
            break;
        default:
            books.post(payout_paid_postings(minor));
            known.on_its_way -= minor;
            known.at_the_bank += minor;
            break;
    }
}

TEST(Ledger, BalancesAfterEveryStep) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Seeded random{seed};
        Books books;
        Known known;
        for (int i = 0; i < 100; ++i) {
            random_movement(random, books, known);
            ASSERT_EQ(books.sum(), 0);
            ASSERT_EQ(books.of(clearing), -known.at_gateways);
            ASSERT_EQ(books.of(reserved), known.disputed);
            ASSERT_EQ(books.of(in_transit), known.on_its_way);
            ASSERT_EQ(books.of(paid_out), known.at_the_bank);
            ASSERT_EQ(books.of(fees), known.fees);
        }
    }
}

}  // namespace
}  // namespace postern::payments
