#include "storage/account_repository.hpp"

namespace postern::storage {
namespace {

constexpr Sql kListSql{"SELECT id, name, created_at FROM accounts ORDER BY id"};
constexpr Sql kFindSql{"SELECT id, name, created_at FROM accounts WHERE id = $1"};
constexpr Sql kInsertSql{"INSERT INTO accounts (id, name, created_at) VALUES ($1, $2, $3)"};
constexpr Sql kInsertIfAbsentSql{
    "INSERT INTO accounts (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"};

AccountRow read_row(const Query& query) {
    return {AccountId{query.integer(0)}, std::string{query.text(1)}, query.time(2)};
}

}  // namespace

Result<std::vector<AccountRow>, StoreError> list_accounts(Connection& connection) {
    auto query = connection.query(kListSql);
    std::vector<AccountRow> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        rows.push_back(read_row(query));
    }
}

Result<std::optional<AccountRow>, StoreError> find_account(Connection& connection, AccountId id) {
    auto query = connection.query(kFindSql);
    query.bind(id.value);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<AccountRow>{};
    return std::optional<AccountRow>{read_row(query)};
}

Result<AccountId, StoreError> insert_account(Transaction& transaction, std::string_view name) {
    const AccountId id{transaction.next_id()};
    auto query = transaction.query(kInsertSql);
    query.bind(id.value).bind(name).bind(transaction.now());
    const auto done = query.run();
    if (!done) return done.error();
    return id;
}

Result<void, StoreError> ensure_default_account(WriteConnection& connection, TimePoint now) {
    auto query = connection.query(kInsertIfAbsentSql);
    query.bind(kDefaultAccount.value).bind(std::string_view{"default"}).bind(now);
    return query.run();
}

}  // namespace postern::storage
