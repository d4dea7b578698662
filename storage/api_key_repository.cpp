#include "storage/api_key_repository.hpp"

namespace postern::storage {
namespace {

constexpr Sql kFindSql{
    "SELECT id, account_id, livemode, restricted, key_hash, hint, created_at, revoked_at"
    " FROM api_keys WHERE key_hash = $1"};
constexpr Sql kListSql{
    "SELECT id, account_id, livemode, restricted, key_hash, hint, created_at, revoked_at"
    " FROM api_keys ORDER BY id"};
constexpr Sql kListOfAccountSql{
    "SELECT id, account_id, livemode, restricted, key_hash, hint, created_at, revoked_at"
    " FROM api_keys WHERE account_id = $1 ORDER BY id"};
constexpr Sql kInsertSql{
    "INSERT INTO api_keys"
    " (id, account_id, livemode, restricted, key_hash, hint, created_at, revoked_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr Sql kRevokeSql{
    "UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL"};
constexpr Sql kExistsSql{"SELECT 1 FROM api_keys WHERE id = $1"};

ApiKeyRow read_row(const Query& query) {
    ApiKeyRow row;
    row.id = ApiKeyId{query.integer(0)};
    row.account = AccountId{query.integer(1)};
    row.livemode = static_cast<Livemode>(query.integer(2));
    row.scope = static_cast<KeyScope>(query.integer(3));
    row.key_hash = query.bytes(4);
    row.hint = query.text(5);
    row.created_at = query.time(6);
    if (!query.is_null(7)) row.revoked_at = query.time(7);
    return row;
}

}  // namespace

Result<std::optional<ApiKeyRow>, StoreError> find_api_key(Connection& connection, Blob key_hash) {
    auto query = connection.query(kFindSql);
    query.bind(key_hash);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<ApiKeyRow>{};
    return std::optional<ApiKeyRow>{read_row(query)};
}

Result<std::vector<ApiKeyRow>, StoreError>
list_api_keys(Connection& connection, std::optional<AccountId> account) {
    auto query = connection.query(account ? kListOfAccountSql : kListSql);
    if (account) query.bind(account->value);
    std::vector<ApiKeyRow> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        rows.push_back(read_row(query));
    }
}

Result<ApiKeyId, StoreError> insert_api_key(Transaction& transaction, const ApiKeyRow& row) {
    const ApiKeyId id{transaction.next_id()};
    auto query = transaction.query(kInsertSql);
    query.bind(id.value).bind(row.account.value).bind(static_cast<std::int64_t>(row.livemode));
    query.bind(static_cast<std::int64_t>(row.scope)).bind(Blob{row.key_hash}).bind(row.hint);
    query.bind(transaction.now()).bind(row.revoked_at);
    const auto done = query.run();
    if (!done) return done.error();
    return id;
}

Result<Revoked, StoreError> revoke_api_key(Transaction& transaction, ApiKeyId id) {
    auto revoke = transaction.query(kRevokeSql);
    revoke.bind(transaction.now()).bind(id.value);
    const auto done = revoke.run();
    if (!done) return done.error();
    if (revoke.changed_rows() > 0) return Revoked::now;
    auto exists = transaction.query(kExistsSql);
    exists.bind(id.value);
    const auto step = exists.step();
    if (!step) return step.error();
    return *step == Step::row ? Revoked::before : Revoked::unknown;
}

}  // namespace postern::storage
