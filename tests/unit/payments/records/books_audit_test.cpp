#include "payments/records/ledger_records.hpp"
#include "payments/records/money_records.hpp"
#include "tests/unit/payments/payments_fixture.hpp"

namespace postern::payments {
namespace {

using State = BalanceTransaction::State;
using Written = Result<void, StoreError>;

constexpr PaymentId kPayment{4};

class BooksAuditTest : public PaymentsTest {
 protected:
    // A movement and its line, as the services write them.
    void book(BalanceTransaction line, const Postings& postings) {
        line.owner = owner_;
        if (line.bucket == Bucket::available) line.state = State::available;
        const Written written = write([&](Transaction& transaction) -> Written {
            const auto posted = post(transaction, line.owner, line.currency, postings);
            if (!posted) return posted;
            return insert_balance_transaction(transaction, line);
        });
        EXPECT_TRUE(written.has_value());
    }
    void book_charge_of(std::int64_t gross) {
        const std::int64_t fee = sandbox_fee(gross);
        book(
            {.amount = gross, .fee = fee, .payment = kPayment},
            charge_postings({.gross = gross, .fee = fee})
        );
    }
    std::vector<std::string> audit() { return read(audit_books(connection())); }
    // What the audit says of books in which this was done; undone afterwards.
    std::vector<std::string> audit_after(const std::string& sql) {
        storage::WriteConnection& writer = database_->writer();
        EXPECT_TRUE(writer.begin().has_value());
        EXPECT_TRUE(writer.query(sql).run().has_value());
        auto sentences = audit();
        writer.rollback();
        return sentences;
    }
    // Refunds that failed or were canceled gave nothing.
    void add_payment() {
        Payment payment;
        payment.id = kPayment;
        payment.owner = owner_;
        payment.amount = {1'000, kUsd};
        payment.received_minor = 1'000;
        const Written written = write([&](Transaction& transaction) -> Written {
            if (auto done = insert_payment(transaction, payment); !done) return done;
            Charge charge;
            charge.id = ChargeId{6};
            charge.owner = owner_;
            charge.payment = payment.id;
            charge.amount = payment.amount;
            charge.captured_minor = payment.received_minor;
            if (auto done = insert_charge(transaction, charge); !done) return done;
            for (const RefundStatus status : {RefundStatus::failed, RefundStatus::canceled}) {
                Refund refund;
                refund.owner = owner_;
                refund.payment = payment.id;
                refund.amount = {5, kUsd};
                refund.status = status;
                if (auto done = insert_refund(transaction, refund, {}); !done) return done;
            }
            return transaction.connection().query("UPDATE payments SET number = 7").run();
        });
        EXPECT_TRUE(written.has_value());
    }
    std::int64_t first_movement() {
        auto query = connection().query("SELECT MIN(movement_id) FROM ledger_entries");
        EXPECT_TRUE(query.step().has_value());
        return query.integer(0);
    }
};

TEST_P(BooksAuditTest, FindsNothingInBooksThatAreKept) {
    EXPECT_TRUE(audit().empty());
    book_charge_of(1'000);
    EXPECT_TRUE(audit().empty());
}

TEST_P(BooksAuditTest, CountsBooksAndThoseThatDoNotAddUp) {
    EXPECT_EQ(read(count_books(connection())), BookCount{});
    book_charge_of(1'000);
    EXPECT_EQ(read(count_books(connection())), (BookCount{.books = 1}));
    storage::WriteConnection& writer = database_->writer();
    ASSERT_TRUE(writer.begin().has_value());
    const std::string spoil = "UPDATE ledger_balances SET balance = 7 WHERE ledger_account = 6";
    ASSERT_TRUE(writer.query(spoil).run().has_value());
    EXPECT_EQ(read(count_books(connection())), (BookCount{.books = 1, .unbalanced = 1}));
    writer.rollback();
}

TEST_P(BooksAuditTest, NamesWhatWasSpoiled) {
    book_charge_of(1'000);
    add_payment();
    const std::string movement = "movement " + std::to_string(first_movement());
    const std::string place = "account 1, test, usd, ";
    struct Case {
        const char* name;
        const char* sql;
        std::vector<std::string> expected;
    };
    const Case cases[] = {
        {"an entry",
         "UPDATE ledger_entries SET amount = amount + 1 WHERE ledger_account = 1",
         {movement + " does not balance: its entries sum to 1",
          place + "pending: the balance is kept as 941, its entries sum to 942",
          place + "pending: the balance transactions sum to 941, the entries to 942"}},
        {"an entry that is gone",
         "DELETE FROM ledger_entries WHERE ledger_account = 6",
         {movement + " does not balance: its entries sum to -59",
          place + "fees: the balance is kept as 59, its entries sum to 0",
          place + "fees: the balance transactions sum to 59, the entries to 0"}},
        {"a balance",
         "UPDATE ledger_balances SET balance = 7 WHERE ledger_account = 6",
         {place + "fees: the balance is kept as 7, its entries sum to 59"}},
        {"a balance that is gone",
         "DELETE FROM ledger_balances WHERE ledger_account = 0",
         {place + "clearing: the balance is kept as 0, its entries sum to -1000"}},
        {"a line of the statement",
         "UPDATE balance_transactions SET fee = 0",
         {place + "pending: the balance transactions sum to 1000, the entries to 941",
          place + "fees: the balance transactions sum to 0, the entries to 59"}},
        {"a line that became available without its money",
         "UPDATE balance_transactions SET state = 1",
         {place + "pending: the balance transactions sum to 0, the entries to 941",
          place + "available: the balance transactions sum to 941, the entries to 0"}},
        {"a movement of two modes",
         "UPDATE ledger_entries SET livemode = 1 WHERE ledger_account = 6",
         {movement + " mixes owners, modes or currencies",
          place + "fees: the balance is kept as 59, its entries sum to 0",
          "account 1, live, usd, fees: the balance is kept as 0, its entries sum to 59",
          place + "fees: the balance transactions sum to 59, the entries to 0",
          "account 1, live, usd, fees: the balance transactions sum to 0, the entries to 59"}},
        {"a payout that no money left for",
         "INSERT INTO payouts VALUES"
         " (1, 1, 0, 1, 50, 'usd', 0, 0, 0, '', 0, NULL, NULL, 0, 0, '{}')",
         {place + "in_transit: disputes, payouts and transfers sum to 50, the entries to 0"}},
        {"a payout that was paid without it",
         "INSERT INTO payouts VALUES"
         " (1, 1, 0, 2, 50, 'usd', 0, 0, 0, '', 0, NULL, NULL, 0, 0, '{}')",
         {place + "paid_out: disputes, payouts and transfers sum to 50, the entries to 0"}},
        {"a transfer that no money left for",
         "INSERT INTO transfers VALUES (1, 1, 0, 50, 'usd', 20, 'a', '', NULL, NULL, 0, '{}')",
         {place + "connected: disputes, payouts and transfers sum to 30, the entries to 0"}},
        {"a dispute whose money is not withheld",
         "INSERT INTO disputes VALUES"
         " (1, 1, 0, 1, 1, 0, 50, 'usd', 0, '', 9, NULL, 0, NULL, 0, 0, NULL, '{}')",
         {place + "reserved: disputes, payouts and transfers sum to 50, the entries to 0"}},
        {"refunds that a payment knows nothing of",
         "INSERT INTO refunds VALUES (1, 1, 0, 4, 1, 1, 30, 'usd', 0, '', NULL, 0, 0, '{}')",
         {"account 1, test, payment number 7: received 1000, refunded 0, its refunds sum to 30"}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(audit_after(test_case.sql), test_case.expected);
    }
    EXPECT_TRUE(audit().empty());
}

TEST_P(BooksAuditTest, HoldsPaymentsAgainstTheirLinesAndChargesAndCounts) {
    book_charge_of(1'000);
    add_payment();
    EXPECT_TRUE(audit().empty());
    struct Case {
        const char* name;
        const char* sql;
        std::vector<std::string> expected;
    };
    const Case cases[] = {
        {"a payment that gave more than it got",
         "UPDATE payments SET received = -1",
         {"account 1, test, payment number 7: received -1, refunded 0, its refunds sum to 0",
          "account 1, test, payment number 7: received -1, its balance transactions say 1000;"
          " refunded 0, they say 0",
          "account 1, test, payment number 7: received -1, its charges took 1000;"
          " refunded 0, they gave back 0"}},
        {"a payment that got more than was booked",
         "UPDATE payments SET received = 1001",
         {"account 1, test, payment number 7: received 1001, its balance transactions say 1000;"
          " refunded 0, they say 0",
          "account 1, test, payment number 7: received 1001, its charges took 1000;"
          " refunded 0, they gave back 0"}},
        {"a charge that took twice",
         "UPDATE charges SET captured_amount = 2000",
         {"account 1, test, payment number 7: received 1000, its charges took 2000;"
          " refunded 0, they gave back 0"}},
        {"a line that is there twice",
         "INSERT INTO balance_transactions SELECT id + 1, account_id, livemode, number + 1, 5,"
         " state, bucket, currency, 0, 0, available_on, CAST(NULL AS BIGINT), created_at, 'tr_1'"
         " FROM balance_transactions UNION ALL SELECT id + 2, account_id, livemode, number + 2, 5,"
         " state, bucket, currency, 0, 0, available_on, CAST(NULL AS BIGINT), created_at, 'tr_1'"
         " FROM balance_transactions",
         {"account 1, test, tr_1 has 2 balance transactions of type 5",
          "account 1, test, balance transactions: kept as 1, there are 3"}},
        {"a count",
         "UPDATE payment_blocks SET count = 9",
         {"account 1, test, payments in blocks: kept as 9, there are 1"}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(audit_after(test_case.sql), test_case.expected);
    }
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    BooksAuditTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
