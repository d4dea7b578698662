#include "core/assert.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/numbered_ranks.hpp"
#include "payments/records/owner_counts.hpp"
#include "payments/records/read_currency.hpp"
#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

#include <algorithm>
#include <utility>

namespace postern::payments {
namespace {

using storage::ListQuery;
using storage::Page;
using storage::PageRequest;
using storage::Query;
using storage::Sql;
using storage::sql_text;
using State = BalanceTransaction::State;

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, type, state, bucket, currency, amount, fee, available_on,"
    " payment_id, created_at, source FROM balance_transactions";

constexpr auto kFindText =
    sql_text(kSelect, " WHERE id = $1 AND account_id = $2 AND livemode = $3");
constexpr Sql kFindSql{kFindText.data()};

// 0: pending. The number stands here because a partial index is used only for its own words.
constexpr auto kDueText =
    sql_text(kSelect, " WHERE state = 0 AND available_on <= $1 ORDER BY available_on, id LIMIT $2");
constexpr Sql kDueSql{kDueText.data()};
constexpr Sql kMarkAvailableSql{
    "UPDATE balance_transactions SET state = 1 WHERE id = $1 AND state = 0"};
static_assert(static_cast<int>(State::pending) == 0 && static_cast<int>(State::available) == 1);

constexpr Sql kInsertSql{
    "INSERT INTO balance_transactions (id, account_id, livemode, number, type, state, bucket,"
    " currency, amount, fee, available_on, payment_id, created_at, source)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};

constexpr auto kByNumberText = sql_text(
    kSelect,
    " WHERE account_id = $1 AND livemode = $2 AND number >= $3 AND number <= $4 ORDER BY number"
);
constexpr Sql kByNumberSql{kByNumberText.data()};

Result<BalanceTransaction, StoreError> read_row(const Query& query) {
    const auto currency = read_currency(query, 6);
    if (!currency) return currency.error();
    BalanceTransaction line;
    line.id = BalanceTransactionId{query.integer(0)};
    line.owner = read_owner(query, 1);
    line.type = static_cast<TransactionType>(query.integer(3));
    line.state = static_cast<State>(query.integer(4));
    line.bucket = static_cast<Bucket>(query.integer(5));
    line.currency = *currency;
    line.amount = query.integer(7);
    line.fee = query.integer(8);
    line.available_on = query.time(9);
    line.payment = read_optional_id<PaymentId>(query, 10);
    line.created_at = query.time(11);
    line.source = query.text(12);
    return line;
}

ListQuery conditions_of(const BalanceTransactionFilter& filter) {
    static_assert(static_cast<int>(TransactionType::charge) == 0);
    ListQuery list;
    where_owner(list, filter.owner);
    if (filter.type) {
        list.where("type =", stored(*filter.type));
        if (*filter.type != TransactionType::charge) list.also("type <> 0");  // has an index
    }
    if (!filter.source.empty()) list.where_text("source =", filter.source);
    if (!filter.payout.empty()) list.where_text("source =", filter.payout);
    if (filter.currency) list.where_text("currency =", std::string{filter.currency->lower()});
    where_created(list, filter.created_from, filter.created_until);
    return list;
}

bool takes_all(const BalanceTransactionFilter& filter) {
    return !filter.type && filter.source.empty() && filter.payout.empty() && !filter.currency
           && !filter.created_from && !filter.created_until;
}

}  // namespace

Result<void, StoreError>
insert_balance_transaction(Transaction& transaction, BalanceTransaction& line) {
    // Money that lies in `available` from the start waits for nothing.
    POSTERN_ASSERT(line.bucket != Bucket::available || line.state == State::available);
    if (line.id.value == 0) line.id = BalanceTransactionId{transaction.next_id()};
    line.created_at = transaction.now();
    const auto number = add_to_count(transaction, {line.owner, Counted::balance_transactions}, 1);
    if (!number) return number.error();
    auto query = transaction.query(kInsertSql);
    query.bind(line.id.value);
    bind_owner(query, line.owner).bind(*number).bind(stored(line.type)).bind(stored(line.state));
    query.bind(stored(line.bucket)).bind(line.currency.lower()).bind(line.amount).bind(line.fee);
    query.bind(line.available_on).bind(stored_id(line.payment)).bind(line.created_at);
    query.bind(line.source);
    return query.run();
}

Result<std::optional<BalanceTransaction>, StoreError>
find_balance_transaction(Connection& connection, Owner owner, BalanceTransactionId id) {
    auto query = connection.query(kFindSql);
    bind_owner(query.bind(id.value), owner);
    return read_one(query, read_row);
}

Result<Page<BalanceTransaction>, StoreError> list_balance_transactions(
    Connection& connection,
    const BalanceTransactionFilter& filter,
    const PageRequest<BalanceTransactionId>& page
) {
    ListQuery list = conditions_of(filter);
    list.after(stored_id(page.after), page.order);
    list.skip(page.rows_skipped);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_rows_of_page<BalanceTransaction>(query, page.rows_max, read_row);
}

Result<std::vector<BalanceTransaction>, StoreError>
lines_of(Connection& connection, const Dispute& dispute) {
    std::vector<BalanceTransaction> lines;
    for (const auto& id : {dispute.withdrawn, dispute.reinstated}) {
        if (!id) continue;
        auto line = find_balance_transaction(connection, dispute.owner, *id);
        if (!line) return line.error();
        if (*line) lines.push_back(std::move(**line));
    }
    return lines;
}

Result<std::optional<BalanceTransaction>, StoreError>
find_refund_failure_line(Connection& connection, Owner owner, std::string_view source) {
    const BalanceTransactionFilter filter{
        .owner = owner, .type = TransactionType::refund_failure, .source = std::string{source}};
    auto page = list_balance_transactions(connection, filter, {.rows_max = 1});
    if (!page) return page.error();
    if (page->rows.empty()) return std::optional<BalanceTransaction>{};
    return std::optional{std::move(page->rows.front())};
}

Result<BalanceTransactionPage, StoreError>
list_balance_transactions_by_page(Connection& connection, Owner owner, const NumberedPage& page) {
    const auto total = read_count(connection, {owner, Counted::balance_transactions});
    if (!total) return total.error();
    const RankRange ranks = ranks_of(page, *total);
    auto query = connection.query(kByNumberSql);
    bind_owner(query, owner).bind(ranks.first + 1).bind(ranks.first + ranks.count);
    auto lines = read_all(query, read_row);
    if (!lines) return lines.error();
    if (page.order == storage::Order::newest_first) std::reverse(lines->begin(), lines->end());
    return BalanceTransactionPage{std::move(*lines), *total};
}

Result<std::int64_t, StoreError>
count_balance_transactions(Connection& connection, const BalanceTransactionFilter& filter) {
    if (takes_all(filter)) {
        return read_count(connection, {filter.owner, Counted::balance_transactions});
    }
    const ListQuery list = conditions_of(filter);
    auto query = connection.query(list.text_of_all("SELECT COUNT(*) FROM balance_transactions"));
    list.bind_to_all(query);
    return read_count(query);
}

Result<std::vector<BalanceTransaction>, StoreError>
due_balance_transactions(Connection& connection, TimePoint now, std::size_t rows_max) {
    auto query = connection.query(kDueSql);
    query.bind(now).bind(static_cast<std::int64_t>(rows_max));
    return read_all(query, read_row);
}

Result<void, StoreError> mark_available(Transaction& transaction, BalanceTransactionId id) {
    auto query = transaction.query(kMarkAvailableSql);
    query.bind(id.value);
    return query.run();
}

}  // namespace postern::payments
