#include "payments/domain/dispute.hpp"
#include "payments/domain/refund.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/owner_counts.hpp"

#include <string_view>

// The audit adds everything up again from the rows themselves. It trusts neither the sums that are
// kept nor the code that wrote them, so its statements name the buckets by their stored numbers.
namespace postern::payments {
namespace {

using storage::Query;
using storage::Sql;
using storage::Step;

static_assert(static_cast<int>(LedgerAccount::pending) == 1);
static_assert(static_cast<int>(LedgerAccount::pending_instant) == 2);
static_assert(static_cast<int>(LedgerAccount::available) == 3);
static_assert(static_cast<int>(LedgerAccount::reserved) == 4);
static_assert(static_cast<int>(LedgerAccount::in_transit) == 5);
static_assert(static_cast<int>(LedgerAccount::fees) == 6);
static_assert(static_cast<int>(LedgerAccount::paid_out) == 7);
static_assert(static_cast<int>(LedgerAccount::connected) == 8);
static_assert(static_cast<int>(Bucket::pending) == 0);
static_assert(static_cast<int>(Bucket::pending_instant) == 1);
static_assert(static_cast<int>(BalanceTransaction::State::available) == 1);
static_assert(static_cast<int>(DisputeStatus::needs_response) == 0);
static_assert(static_cast<int>(DisputeStatus::under_review) == 1);
static_assert(static_cast<int>(PayoutStatus::pending) == 0);
static_assert(static_cast<int>(PayoutStatus::in_transit) == 1);
static_assert(static_cast<int>(PayoutStatus::paid) == 2);
static_assert(static_cast<int>(RefundStatus::failed) == 2);
static_assert(static_cast<int>(TransactionType::charge) == 0);
static_assert(static_cast<int>(TransactionType::refund) == 1);
static_assert(static_cast<int>(TransactionType::refund_failure) == 2);
static_assert(static_cast<int>(TransactionType::dispute) == 3);
static_assert(static_cast<int>(TransactionType::dispute_reversal) == 4);
static_assert(static_cast<int>(RefundStatus::canceled) == 3);
static_assert(static_cast<int>(Counted::payments) == 0);
static_assert(static_cast<int>(Counted::customers) == 1);
static_assert(static_cast<int>(Counted::balance_transactions) == 2);

// Enough to act on; a store whose books are all wrong is not told line by line.
constexpr std::int64_t kSentencesMax = 100;

constexpr Sql kMovementsSql{
    "SELECT movement_id, CAST(SUM(amount) AS BIGINT),"
    " CASE WHEN MIN(account_id) = MAX(account_id) AND MIN(livemode) = MAX(livemode)"
    " AND MIN(currency) = MAX(currency) THEN 1 ELSE 0 END"
    " FROM ledger_entries GROUP BY movement_id"
    " HAVING SUM(amount) <> 0 OR MIN(account_id) <> MAX(account_id)"
    " OR MIN(livemode) <> MAX(livemode) OR MIN(currency) <> MAX(currency)"
    " ORDER BY movement_id LIMIT $1"};

constexpr Sql kBalancesSql{
    "SELECT account_id, livemode, currency, ledger_account, CAST(SUM(kept) AS BIGINT),"
    " CAST(SUM(entered) AS BIGINT) FROM ("
    "SELECT account_id, livemode, currency, ledger_account, 0 AS kept, SUM(amount) AS entered"
    " FROM ledger_entries GROUP BY account_id, livemode, currency, ledger_account"
    " UNION ALL "
    "SELECT account_id, livemode, currency, ledger_account, balance AS kept, 0 AS entered"
    " FROM ledger_balances) AS sums"
    " GROUP BY account_id, livemode, currency, ledger_account HAVING SUM(kept) <> SUM(entered)"
    " ORDER BY account_id, livemode, currency, ledger_account LIMIT $1"};

// A line that is available counts there, wherever its money lay before.
constexpr Sql kStatementSql{
    "SELECT account_id, livemode, currency, ledger_account, CAST(SUM(told) AS BIGINT),"
    " CAST(SUM(entered) AS BIGINT) FROM ("
    "SELECT account_id, livemode, currency, ledger_account, 0 AS told, SUM(amount) AS entered"
    " FROM ledger_entries WHERE ledger_account IN (1, 2, 3, 6)"
    " GROUP BY account_id, livemode, currency, ledger_account"
    " UNION ALL "
    "SELECT account_id, livemode, currency, CASE WHEN state = 1 THEN 3 ELSE bucket + 1 END,"
    " SUM(amount - fee) AS told, 0 AS entered FROM balance_transactions"
    " GROUP BY 1, 2, 3, 4"
    " UNION ALL "
    "SELECT account_id, livemode, currency, 6, SUM(fee) AS told, 0 AS entered"
    " FROM balance_transactions GROUP BY account_id, livemode, currency) AS sums"
    " GROUP BY account_id, livemode, currency, ledger_account HAVING SUM(told) <> SUM(entered)"
    " ORDER BY account_id, livemode, currency, ledger_account LIMIT $1"};

// Money that is withheld, under way or gone is money of something. A dispute that was lost holds
// nothing any more: its money went back to where it came from.
constexpr Sql kObjectsSql{
    "SELECT account_id, livemode, currency, ledger_account, CAST(SUM(told) AS BIGINT),"
    " CAST(SUM(entered) AS BIGINT) FROM ("
    "SELECT account_id, livemode, currency, ledger_account, 0 AS told, SUM(amount) AS entered"
    " FROM ledger_entries WHERE ledger_account IN (4, 5, 7, 8)"
    " GROUP BY account_id, livemode, currency, ledger_account"
    " UNION ALL "
    "SELECT account_id, livemode, currency, 4, SUM(amount) AS told, 0 AS entered FROM disputes"
    " WHERE status IN (0, 1) AND withdrawn_id IS NOT NULL GROUP BY account_id, livemode, currency"
    " UNION ALL "
    "SELECT account_id, livemode, currency, CASE WHEN status = 2 THEN 7 ELSE 5 END,"
    " SUM(amount) AS told, 0 AS entered FROM payouts WHERE status IN (0, 1, 2)"
    " GROUP BY 1, 2, 3, 4"
    " UNION ALL "
    "SELECT account_id, livemode, currency, 8, SUM(amount - reversed) AS told, 0 AS entered"
    " FROM transfers GROUP BY account_id, livemode, currency) AS sums"
    " GROUP BY account_id, livemode, currency, ledger_account HAVING SUM(told) <> SUM(entered)"
    " ORDER BY account_id, livemode, currency, ledger_account LIMIT $1"};

constexpr Sql kRefundsSql{
    "SELECT payments.account_id, payments.livemode, payments.number, payments.received,"
    " payments.refunded, CAST(COALESCE(sums.amount, 0) AS BIGINT) FROM payments LEFT JOIN ("
    "SELECT payment_id, SUM(amount) AS amount FROM refunds WHERE status NOT IN (2, 3)"
    " GROUP BY payment_id) AS sums ON sums.payment_id = payments.id"
    " WHERE payments.refunded <> COALESCE(sums.amount, 0)"
    " OR payments.refunded > payments.received ORDER BY payments.id LIMIT $1"};

// What a payment took and gave back, its lines of the statement say too.
constexpr Sql kTakenSql{
    "SELECT payments.account_id, payments.livemode, payments.number, payments.received,"
    " CAST(COALESCE(sums.taken, 0) AS BIGINT), payments.refunded,"
    " CAST(COALESCE(sums.returned, 0) AS BIGINT) FROM payments LEFT JOIN ("
    "SELECT payment_id, SUM(CASE WHEN type = 0 THEN amount ELSE 0 END) AS taken,"
    " SUM(CASE WHEN type IN (1, 2) THEN -amount ELSE 0 END) AS returned"
    " FROM balance_transactions WHERE payment_id IS NOT NULL GROUP BY payment_id) AS sums"
    " ON sums.payment_id = payments.id WHERE payments.received <> COALESCE(sums.taken, 0)"
    " OR payments.refunded <> COALESCE(sums.returned, 0) ORDER BY payments.id LIMIT $1"};

// And so do its charges, of which one at most took money.
constexpr Sql kChargesSql{
    "SELECT payments.account_id, payments.livemode, payments.number, payments.received,"
    " CAST(COALESCE(sums.taken, 0) AS BIGINT), payments.refunded,"
    " CAST(COALESCE(sums.returned, 0) AS BIGINT) FROM payments LEFT JOIN ("
    "SELECT payment_id, SUM(captured_amount) AS taken, SUM(refunded) AS returned"
    " FROM charges GROUP BY payment_id) AS sums ON sums.payment_id = payments.id"
    " WHERE payments.received <> COALESCE(sums.taken, 0)"
    " OR payments.refunded <> COALESCE(sums.returned, 0) ORDER BY payments.id LIMIT $1"};

// What moves money once leaves one line. Disputes may be withdrawn and won again.
constexpr Sql kDoubledSql{
    "SELECT account_id, livemode, source, type, COUNT(*) FROM balance_transactions"
    " WHERE source <> '' AND type NOT IN (3, 4) GROUP BY account_id, livemode, source, type"
    " HAVING COUNT(*) > 1 ORDER BY account_id, livemode, source, type LIMIT $1"};

constexpr Sql kBooksSql{
    "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN total <> 0 THEN 1 ELSE 0 END), 0) AS BIGINT)"
    " FROM (SELECT SUM(balance) AS total FROM ledger_balances"
    " GROUP BY account_id, livemode, currency) AS books"};

constexpr Sql kCountsSql{
    "SELECT account_id, livemode, what, CAST(SUM(kept) AS BIGINT), CAST(SUM(there) AS BIGINT)"
    " FROM (SELECT account_id, livemode, 0 AS what, 0 AS kept, COUNT(*) AS there FROM payments"
    " GROUP BY account_id, livemode"
    " UNION ALL SELECT account_id, livemode, 3, 0, COUNT(*) FROM payments"
    " GROUP BY account_id, livemode"
    " UNION ALL SELECT account_id, livemode, 4, 0, COUNT(*) FROM payments"
    " GROUP BY account_id, livemode"
    " UNION ALL SELECT account_id, livemode, 1, 0, COUNT(*) FROM customers"
    " WHERE deleted_at IS NULL GROUP BY account_id, livemode"
    " UNION ALL SELECT account_id, livemode, 2, 0, COUNT(*) FROM balance_transactions"
    " GROUP BY account_id, livemode"
    " UNION ALL SELECT account_id, livemode, kind, count, 0 FROM owner_counts"
    " WHERE kind IN (0, 1, 2)"
    " UNION ALL SELECT account_id, livemode, 3, count, 0 FROM payment_blocks"
    " UNION ALL SELECT account_id, livemode, 4, count, 0 FROM payment_runs) AS counts"
    " GROUP BY account_id, livemode, what HAVING SUM(kept) <> SUM(there)"
    " ORDER BY account_id, livemode, what LIMIT $1"};

using Sentences = std::vector<std::string>;

// One sentence for each row of a statement that finds what is wrong.
Result<void, StoreError> tell_rows(
    Connection& connection,
    const Sql& sql,
    std::string (*sentence_of)(const Query&),
    Sentences& sentences
) {
    auto query = connection.query(sql);
    query.bind(kSentencesMax);
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return {};
        sentences.push_back(sentence_of(query));
    }
}

std::string movement_sentence(const Query& query) {
    std::string text = "movement " + std::to_string(query.integer(0));
    if (query.integer(2) == 0) return text + " mixes owners, modes or currencies";
    return text + " does not balance: its entries sum to " + std::to_string(query.integer(1));
}

// "account 1, test, "
std::string owner_of(const Query& query) {
    return "account " + std::to_string(query.integer(0))
           + (query.integer(1) == 0 ? ", test, " : ", live, ");
}

// "account 1, test, usd, available"
std::string place_of(const Query& query) {
    std::string text = owner_of(query);
    text += query.text(2);
    text += ", ";
    const std::int64_t account = query.integer(3);
    if (account < 0 || account >= std::int64_t{kLedgerAccountCount}) {
        return text + "ledger account " + std::to_string(account) + " that is none of ours";
    }
    return text + std::string{to_text(static_cast<LedgerAccount>(account))};
}

std::string balance_sentence(const Query& query) {
    return place_of(query) + ": the balance is kept as " + std::to_string(query.integer(4))
           + ", its entries sum to " + std::to_string(query.integer(5));
}

std::string statement_sentence(const Query& query) {
    return place_of(query) + ": the balance transactions sum to " + std::to_string(query.integer(4))
           + ", the entries to " + std::to_string(query.integer(5));
}

std::string object_sentence(const Query& query) {
    return place_of(query) + ": disputes, payouts and transfers sum to "
           + std::to_string(query.integer(4)) + ", the entries to "
           + std::to_string(query.integer(5));
}

std::string refund_sentence(const Query& query) {
    return owner_of(query) + "payment number " + std::to_string(query.integer(2)) + ": received "
           + std::to_string(query.integer(3)) + ", refunded " + std::to_string(query.integer(4))
           + ", its refunds sum to " + std::to_string(query.integer(5));
}

std::string taken_sentence(const Query& query) {
    return owner_of(query) + "payment number " + std::to_string(query.integer(2)) + ": received "
           + std::to_string(query.integer(3)) + ", its balance transactions say "
           + std::to_string(query.integer(4)) + "; refunded " + std::to_string(query.integer(5))
           + ", they say " + std::to_string(query.integer(6));
}

std::string charges_sentence(const Query& query) {
    return owner_of(query) + "payment number " + std::to_string(query.integer(2)) + ": received "
           + std::to_string(query.integer(3)) + ", its charges took "
           + std::to_string(query.integer(4)) + "; refunded " + std::to_string(query.integer(5))
           + ", they gave back " + std::to_string(query.integer(6));
}

std::string doubled_sentence(const Query& query) {
    std::string text = owner_of(query);
    text += query.text(2);
    text += " has ";
    text += std::to_string(query.integer(4));
    text += " balance transactions of type ";
    return text + std::to_string(query.integer(3));
}

std::string counts_sentence(const Query& query) {
    constexpr std::string_view kNames[] = {
        "payments", "customers", "balance transactions", "payments in blocks", "payments in runs"};
    const auto what = static_cast<std::size_t>(query.integer(2));
    return owner_of(query) + std::string{kNames[what]} + ": kept as "
           + std::to_string(query.integer(3)) + ", there are " + std::to_string(query.integer(4));
}

}  // namespace

Result<std::vector<std::string>, StoreError> audit_books(Connection& connection) {
    struct Check {
        const Sql& sql;
        std::string (*sentence_of)(const Query&);
    };
    const Check checks[] = {
        {kMovementsSql, &movement_sentence},
        {kBalancesSql, &balance_sentence},
        {kStatementSql, &statement_sentence},
        {kObjectsSql, &object_sentence},
        {kRefundsSql, &refund_sentence},
        {kTakenSql, &taken_sentence},
        {kChargesSql, &charges_sentence},
        {kDoubledSql, &doubled_sentence},
        {kCountsSql, &counts_sentence},
    };
    Sentences sentences;
    for (const Check& check : checks) {
        const auto told = tell_rows(connection, check.sql, check.sentence_of, sentences);
        if (!told) return told.error();
    }
    return sentences;
}

Result<BookCount, StoreError> count_books(Connection& connection) {
    auto query = connection.query(kBooksSql);
    const auto step = query.step();
    if (!step) return step.error();
    return BookCount{.books = query.integer(0), .unbalanced = query.integer(1)};
}

}  // namespace postern::payments
