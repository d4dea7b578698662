#include "payments/records/ledger_records.hpp"
#include "payments/records/money_records.hpp"
#include "tests/unit/payments/payments_fixture.hpp"

#include <random>

namespace postern::payments {
namespace {

using State = BalanceTransaction::State;
using Written = Result<void, StoreError>;

// Random movements of several owners and currencies, each with the line that tells it.
class BooksPropertyTest : public PaymentsTest {
 protected:
    struct Place {
        Owner owner;
        Currency currency;
    };
    // A charge, or what a charge's money became.
    struct Lot {
        Place place;
        BalanceTransactionId line;
        std::int64_t left = 0;  // to be refunded
    };

    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
    }
    Place any_place() {
        const Owner owners[] = {owner_, {storage::kDefaultAccount, storage::Livemode::live}};
        const Currency currencies[] = {kUsd, currency("jpy")};
        return {owners[below(2)], currencies[below(2)]};
    }
    BalanceTransactionId
    book(const Place& place, BalanceTransaction line, const Postings& postings) {
        line.owner = place.owner;
        line.currency = place.currency;
        line.state = line.bucket == Bucket::available ? State::available : State::pending;
        const Written written = write([&](Transaction& transaction) -> Written {
            const auto posted = post(transaction, place.owner, place.currency, postings);
            if (!posted) return posted;
            return insert_balance_transaction(transaction, line);
        });
        EXPECT_TRUE(written.has_value());
        return line.id;
    }
    void post_only(const Place& place, const Postings& postings) {
        EXPECT_TRUE(write([&](Transaction& transaction) {
                        return post(transaction, place.owner, place.currency, postings);
                    }).has_value());
    }
    template <class Save>
    void save(Save save_row) {
        EXPECT_TRUE(write(save_row).has_value());
    }
    CurrencyBalance balance(const Place& place) {
        return read(read_balance(connection(), place.owner, place.currency));
    }

    void charge();
    void refund();
    void settle();
    void pay_out();
    void end_payout();
    void transfer();
    void dispute();
    void step();
    void check();

    std::mt19937_64 random_;
    std::vector<Lot> lots_;
    std::vector<std::pair<Place, Payout>> payouts_;
};

void BooksPropertyTest::charge() {
    const Place place = any_place();
    const std::int64_t gross = 1 + below(100'000);
    const std::int64_t fee = sandbox_fee(gross);
    const auto bucket = static_cast<Bucket>(below(3));
    const TimePoint due = clock_.at + std::chrono::seconds{below(20)};
    const auto line = book(
        place,
        {.amount = gross, .fee = fee, .bucket = bucket, .available_on = due},
        charge_postings({.gross = gross, .fee = fee, .bucket = bucket})
    );
    lots_.push_back({place, line, gross});
}

// From where the charge's money lies by now; what is pending follows it to the same day.
void BooksPropertyTest::refund() {
    if (lots_.empty()) return;
    Lot& lot = lots_[static_cast<std::size_t>(below(static_cast<std::int64_t>(lots_.size())))];
    if (lot.left == 0) return;
    const auto charged = *read(find_balance_transaction(connection(), lot.place.owner, lot.line));
    const Bucket bucket = charged.state == State::available ? Bucket::available : charged.bucket;
    const std::int64_t minor = 1 + below(lot.left);
    lot.left -= minor;
    book(
        lot.place,
        {.type = TransactionType::refund,
         .amount = -minor,
         .bucket = bucket,
         .available_on = charged.available_on},
        refund_postings(bucket, minor)
    );
}

void BooksPropertyTest::settle() {
    const Written written = write([this](Transaction& transaction) -> Written {
        for (const auto& line : read(due_balance_transactions(connection(), clock_.at, 5))) {
            const Postings postings = settle_postings(line.bucket, line.net());
            if (auto done = post(transaction, line.owner, line.currency, postings); !done) {
                return done;
            }
            if (auto done = mark_available(transaction, line.id); !done) return done;
        }
        return {};
    });
    EXPECT_TRUE(written.has_value());
}

void BooksPropertyTest::pay_out() {
    const Place place = any_place();
    const std::int64_t available = balance(place).available();
    if (available <= 0) return;
    Payout payout;
    payout.owner = place.owner;
    payout.amount = {1 + below(available), place.currency};
    book(
        place,
        {.type = TransactionType::payout,
         .amount = -payout.amount.minor,
         .bucket = Bucket::available},
        payout_postings(payout.amount.minor)
    );
    save([&](Transaction& transaction) { return insert_payout(transaction, payout); });
    payouts_.push_back({place, payout});
}

// Paid, sent back on its way, or sent back after it was paid.
void BooksPropertyTest::end_payout() {
    if (payouts_.empty()) return;
    auto& [place, payout] = payouts_.back();
    const std::int64_t minor = payout.amount.minor;
    const bool was_paid = payout.status == PayoutStatus::paid;
    if (!was_paid && below(2) == 0) {
        payout.status = PayoutStatus::paid;
        post_only(place, payout_paid_postings(minor));
    } else {
        payout.status = PayoutStatus::failed;
        book(
            place,
            {.type = TransactionType::payout_failure, .amount = minor, .bucket = Bucket::available},
            was_paid ? paid_payout_returned_postings(minor) : payout_returned_postings(minor)
        );
    }
    save([&payout](Transaction& transaction) { return update_payout(transaction, payout); });
    if (payout.status == PayoutStatus::failed || below(2) == 0) payouts_.pop_back();
}

void BooksPropertyTest::transfer() {
    const Place place = any_place();
    const std::int64_t available = balance(place).available();
    if (available <= 0) return;
    Transfer transfer;
    transfer.owner = place.owner;
    transfer.amount = {available, place.currency};
    transfer.reversed_minor = 1 + below(available);
    book(
        place,
        {.type = TransactionType::transfer, .amount = -available, .bucket = Bucket::available},
        transfer_postings(available)
    );
    book(
        place,
        {.type = TransactionType::transfer_refund,
         .amount = transfer.reversed_minor,
         .bucket = Bucket::available},
        reversal_postings(transfer.reversed_minor)
    );
    save([&](Transaction& transaction) { return insert_transfer(transaction, transfer); });
}

void BooksPropertyTest::dispute() {
    const Place place = any_place();
    Dispute dispute;
    dispute.owner = place.owner;
    dispute.amount = {1 + below(10'000), place.currency};
    const std::int64_t minor = dispute.amount.minor;
    dispute.withdrawn = book(
        place,
        {.type = TransactionType::dispute,
         .amount = -minor,
         .fee = kDisputeFeeMinor,
         .bucket = Bucket::available},
        dispute_postings({.minor = minor, .fee = kDisputeFeeMinor})
    );
    constexpr DisputeStatus kEnds[] = {
        DisputeStatus::under_review, DisputeStatus::won, DisputeStatus::lost};
    dispute.status = kEnds[below(3)];
    if (dispute.status == DisputeStatus::lost) post_only(place, dispute_lost_postings(minor));
    if (dispute.status == DisputeStatus::won) {
        book(
            place,
            {.type = TransactionType::dispute_reversal,
             .amount = minor,
             .bucket = Bucket::available},
            dispute_won_postings(Bucket::available, minor)
        );
    }
    save([&](Transaction& transaction) { return insert_dispute(transaction, dispute, {}); });
}

void BooksPropertyTest::step() {
    clock_.at += std::chrono::seconds{1};
    switch (below(8)) {
        case 0: return refund();
        case 1: return settle();
        case 2: return pay_out();
        case 3: return end_payout();
        case 4: return transfer();
        case 5: return dispute();
        default: return charge();
    }
}

void BooksPropertyTest::check() {
    EXPECT_EQ(read(audit_books(connection())), std::vector<std::string>{});
    for (const CurrencyBalance& balance : read(read_balances(connection(), owner_))) {
        std::int64_t sum = 0;
        for (const std::int64_t minor : balance.by_account) sum += minor;
        EXPECT_EQ(sum, 0) << balance.currency.lower();
    }
}

TEST_P(BooksPropertyTest, StayInOrderWhateverMoves) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        SCOPED_TRACE(seed);
        random_.seed(seed);
        for (int i = 0; i < 80; ++i) {
            step();
            check();
            if (HasFailure()) return;
        }
    }
    EXPECT_GT(read(read_balances(connection(), owner_)).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    BooksPropertyTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
