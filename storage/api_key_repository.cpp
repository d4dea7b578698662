#include "storage/api_key_repository.hpp"

#include "storage/change_repository.hpp"
#include "storage/sql_text.hpp"

namespace postern::storage {
namespace {

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, kind, key_hash, hint, name, scopes, plan, created_at,"
    " revoked_at, expires_at, last_used_at, replaced_by FROM api_keys";

constexpr auto kFindText = sql_text(kSelect, " WHERE key_hash = $1");
constexpr Sql kFindSql{kFindText.data()};
constexpr auto kFindByIdText = sql_text(kSelect, " WHERE id = $1");
constexpr Sql kFindByIdSql{kFindByIdText.data()};
constexpr auto kListText = sql_text(kSelect, " ORDER BY id");
constexpr Sql kListSql{kListText.data()};
constexpr auto kListOfAccountText = sql_text(kSelect, " WHERE account_id = $1 ORDER BY id");
constexpr Sql kListOfAccountSql{kListOfAccountText.data()};

// 0: secret.
constexpr Sql kCountLastingSql{
    "SELECT COUNT(*) FROM api_keys WHERE account_id = $1 AND livemode = $2 AND kind = 0"
    " AND revoked_at IS NULL AND expires_at IS NULL"};
static_assert(static_cast<int>(KeyKind::secret) == 0);

constexpr Sql kCountWorkingSql{
    "SELECT COUNT(*) FROM api_keys WHERE account_id = $1 AND livemode = $2"
    " AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)"};

constexpr Sql kInsertSql{
    "INSERT INTO api_keys (id, account_id, livemode, kind, key_hash, hint, name, scopes, plan,"
    " created_at, revoked_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
    " $12)"};
constexpr Sql kRevokeSql{
    "UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL"};
constexpr Sql kExistsSql{"SELECT 1 FROM api_keys WHERE id = $1"};
constexpr Sql kReplaceSql{"UPDATE api_keys SET replaced_by = $1, expires_at = $2 WHERE id = $3"};
constexpr Sql kNoteUseSql{
    "UPDATE api_keys SET last_used_at = $1 WHERE id = $2"
    " AND (last_used_at IS NULL OR last_used_at < $1)"};

std::optional<TimePoint> optional_time(const Query& query, int column) {
    if (query.is_null(column)) return std::nullopt;
    return query.time(column);
}

ApiKeyRow read_row(const Query& query) {
    ApiKeyRow row;
    row.id = ApiKeyId{query.integer(0)};
    row.account = AccountId{query.integer(1)};
    row.livemode = static_cast<Livemode>(query.integer(2));
    row.kind = static_cast<KeyKind>(query.integer(3));
    row.key_hash = query.bytes(4);
    row.hint = query.text(5);
    row.name = query.text(6);
    row.scopes = query.text(7);
    row.plan = query.text(8);
    row.created_at = query.time(9);
    row.revoked_at = optional_time(query, 10);
    row.expires_at = optional_time(query, 11);
    row.last_used_at = optional_time(query, 12);
    if (!query.is_null(13)) row.replaced_by = ApiKeyId{query.integer(13)};
    return row;
}

Result<std::optional<ApiKeyRow>, StoreError> read_one(Query& query) {
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<ApiKeyRow>{};
    return std::optional<ApiKeyRow>{read_row(query)};
}

}  // namespace

Result<std::optional<ApiKeyRow>, StoreError> find_api_key(Connection& connection, Blob key_hash) {
    auto query = connection.query(kFindSql);
    query.bind(key_hash);
    return read_one(query);
}

Result<std::optional<ApiKeyRow>, StoreError> find_api_key(Connection& connection, ApiKeyId id) {
    auto query = connection.query(kFindByIdSql);
    query.bind(id.value);
    return read_one(query);
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

Result<Page<ApiKeyRow>, StoreError> list_api_key_page(
    Connection& connection,
    const ApiKeyFilter& filter,
    const PageRequest<ApiKeyId>& page
) {
    ListQuery list;
    list.where("account_id =", filter.account.value);
    list.where("livemode =", static_cast<std::int64_t>(filter.livemode));
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_page<ApiKeyRow>(query, page.rows_max, read_row);
}

Result<std::int64_t, StoreError>
count_lasting_secret_keys(Connection& connection, const ApiKeyFilter& filter) {
    auto query = connection.query(kCountLastingSql);
    query.bind(filter.account.value).bind(static_cast<std::int64_t>(filter.livemode));
    const auto step = query.step();
    if (!step) return step.error();
    return query.integer(0);
}

Result<std::int64_t, StoreError>
count_working_keys(Transaction& transaction, const ApiKeyFilter& filter) {
    auto query = transaction.query(kCountWorkingSql);
    query.bind(filter.account.value).bind(static_cast<std::int64_t>(filter.livemode));
    query.bind(transaction.now());
    const auto step = query.step();
    if (!step) return step.error();
    return query.integer(0);
}

Result<ApiKeyId, StoreError> insert_api_key(Transaction& transaction, const ApiKeyRow& row) {
    const ApiKeyId id{transaction.next_id()};
    auto query = transaction.query(kInsertSql);
    query.bind(id.value).bind(row.account.value).bind(static_cast<std::int64_t>(row.livemode));
    query.bind(static_cast<std::int64_t>(row.kind)).bind(Blob{row.key_hash}).bind(row.hint);
    query.bind(row.name).bind(row.scopes).bind(row.plan);
    query.bind(transaction.now()).bind(row.revoked_at).bind(row.expires_at);
    const auto done = query.run();
    if (!done) return done.error();
    return id;
}

Result<Revoked, StoreError> revoke_api_key(Transaction& transaction, ApiKeyId id) {
    auto revoke = transaction.query(kRevokeSql);
    revoke.bind(transaction.now()).bind(id.value);
    const auto done = revoke.run();
    if (!done) return done.error();
    if (revoke.changed_rows() > 0) {
        const auto noted = note_change(transaction, {ChangeKind::api_key, id.value});
        if (!noted) return noted.error();
        return Revoked::now;
    }
    auto exists = transaction.query(kExistsSql);
    exists.bind(id.value);
    const auto step = exists.step();
    if (!step) return step.error();
    return *step == Step::row ? Revoked::before : Revoked::unknown;
}

Result<void, StoreError>
replace_api_key(Transaction& transaction, ApiKeyId id, const ApiKeyEnd& end) {
    auto query = transaction.query(kReplaceSql);
    query.bind(end.replaced_by.value).bind(end.expires_at).bind(id.value);
    const auto done = query.run();
    if (!done) return done.error();
    return note_change(transaction, {ChangeKind::api_key, id.value});
}

Result<void, StoreError>
note_api_key_use(Transaction& transaction, ApiKeyId id, TimePoint used_at) {
    auto query = transaction.query(kNoteUseSql);
    query.bind(used_at).bind(id.value);
    return query.run();
}

}  // namespace postern::storage
