#include "payments/records/ledger_records.hpp"

#include "core/assert.hpp"
#include "payments/records/read_currency.hpp"
#include "payments/records/rows.hpp"

namespace postern::payments {
namespace {

using storage::Query;
using storage::Sql;
using storage::Step;

constexpr Sql kInsertEntrySql{
    "INSERT INTO ledger_entries (id, movement_id, account_id, livemode, currency, ledger_account,"
    " amount, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};

constexpr Sql kAddToBalanceSql{
    "INSERT INTO ledger_balances (account_id, livemode, currency, ledger_account, balance)"
    " VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (account_id, livemode, currency, ledger_account)"
    " DO UPDATE SET balance = ledger_balances.balance + excluded.balance"};

constexpr Sql kReadBalancesSql{
    "SELECT currency, ledger_account, balance FROM ledger_balances"
    " WHERE account_id = $1 AND livemode = $2 ORDER BY currency, ledger_account"};

constexpr Sql kReadBalanceSql{
    "SELECT currency, ledger_account, balance FROM ledger_balances"
    " WHERE account_id = $1 AND livemode = $2 AND currency = $3"};

// 3: available. The number stands here because there is nothing to bind it by name.
constexpr Sql kOwnersWithAvailableSql{
    "SELECT account_id, livemode, currency, balance FROM ledger_balances"
    " WHERE ledger_account = 3 AND balance >= $1"
    " AND (account_id, livemode, currency) > ($2, $3, $4)"
    " ORDER BY account_id, livemode, currency LIMIT $5"};
static_assert(static_cast<int>(LedgerAccount::available) == 3);

struct Entry {
    std::int64_t id = 0;
    std::int64_t movement = 0;
    Owner owner;
    Currency currency;
    Posting posting;
};

Result<void, StoreError> insert_entry(Transaction& transaction, const Entry& entry) {
    auto query = transaction.query(kInsertEntrySql);
    query.bind(entry.id).bind(entry.movement);
    bind_owner(query, entry.owner).bind(entry.currency.lower());
    query.bind(stored(entry.posting.account)).bind(entry.posting.minor).bind(transaction.now());
    return query.run();
}

Result<void, StoreError> add_to_balance(Transaction& transaction, const Entry& entry) {
    auto query = transaction.query(kAddToBalanceSql);
    bind_owner(query, entry.owner).bind(entry.currency.lower());
    query.bind(stored(entry.posting.account)).bind(entry.posting.minor);
    return query.run();
}

// Adds the account's balance that the row tells.
Result<void, StoreError> read_into(CurrencyBalance& balance, const Query& query) {
    const std::int64_t account = query.integer(1);
    if (account < 0 || account >= std::int64_t{kLedgerAccountCount}) return StoreError::failed;
    balance.by_account[account] = query.integer(2);
    return {};
}

}  // namespace

// A movement is named by its first entry. What moves nothing, such as a fee of zero, is no entry.
Result<void, StoreError>
post(Transaction& transaction, Owner owner, const Currency& currency, const Postings& postings) {
    POSTERN_ASSERT(is_balanced(postings));
    Entry entry{.owner = owner, .currency = currency};
    for (const Posting& posting : postings) {
        if (posting.minor == 0) continue;
        entry.id = transaction.next_id();
        if (entry.movement == 0) entry.movement = entry.id;
        entry.posting = posting;
        if (const auto done = insert_entry(transaction, entry); !done) return done;
        if (const auto done = add_to_balance(transaction, entry); !done) return done;
    }
    return {};
}

Result<std::vector<CurrencyBalance>, StoreError>
read_balances(Connection& connection, Owner owner) {
    auto query = connection.query(kReadBalancesSql);
    bind_owner(query, owner);
    std::vector<CurrencyBalance> balances;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return balances;
        const auto currency = read_currency(query, 0);
        if (!currency) return currency.error();
        if (balances.empty() || balances.back().currency != *currency) {
            balances.push_back({.currency = *currency});
        }
        if (const auto done = read_into(balances.back(), query); !done) return done.error();
    }
}

Result<CurrencyBalance, StoreError>
read_balance(Connection& connection, Owner owner, const Currency& currency) {
    auto query = connection.query(kReadBalanceSql);
    bind_owner(query, owner).bind(currency.lower());
    CurrencyBalance balance{.currency = currency};
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return balance;
        if (const auto done = read_into(balance, query); !done) return done.error();
    }
}

Result<std::vector<AvailableMoney>, StoreError> owners_with_available(
    Connection& connection,
    const AvailableQuestion& question,
    std::size_t rows_max
) {
    auto query = connection.query(kOwnersWithAvailableSql);
    query.bind(question.minor_min);
    const AvailableMoney before_all{.owner = {.account = {}}};
    const AvailableMoney& after = question.after ? *question.after : before_all;
    bind_owner(query, after.owner).bind(after.money.currency.lower());
    query.bind(static_cast<std::int64_t>(rows_max));
    return read_all(query, [](const Query& row) -> Result<AvailableMoney, StoreError> {
        const auto currency = read_currency(row, 2);
        if (!currency) return currency.error();
        return AvailableMoney{read_owner(row, 0), {row.integer(3), *currency}};
    });
}

}  // namespace postern::payments
