#include "storage/account_repository.hpp"

#include "core/assert.hpp"
#include "storage/sql_text.hpp"

namespace postern::storage {
namespace {

constexpr char kSelect[] =
    "SELECT id, name, parent_id, uid, metadata, created_at, updated_at, deleted_at FROM accounts";

constexpr auto kListText = sql_text(kSelect, " ORDER BY id");
constexpr Sql kListSql{kListText.data()};

constexpr auto kFindText = sql_text(kSelect, " WHERE id = $1");
constexpr Sql kFindSql{kFindText.data()};

constexpr auto kFindByUidText =
    sql_text(kSelect, " WHERE parent_id = $1 AND uid = $2 AND uid <> '' AND deleted_at IS NULL");
constexpr Sql kFindByUidSql{kFindByUidText.data()};

constexpr Sql kInsertSql{
    "INSERT INTO accounts (id, name, parent_id, uid, metadata, created_at, updated_at, deleted_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};

constexpr Sql kInsertIfAbsentSql{
    "INSERT INTO accounts (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3)"
    " ON CONFLICT (id) DO NOTHING"};

constexpr Sql kUpdateSql{
    "UPDATE accounts SET name = $1, uid = $2, metadata = $3, updated_at = $4, deleted_at = $5"
    " WHERE id = $6"};

AccountRow read_row(const Query& query) {
    AccountRow row;
    row.id = AccountId{query.integer(0)};
    row.name = query.text(1);
    if (!query.is_null(2)) row.parent = AccountId{query.integer(2)};
    row.uid = query.text(3);
    row.metadata = query.text(4);
    row.created_at = query.time(5);
    row.updated_at = query.time(6);
    if (!query.is_null(7)) row.deleted_at = query.time(7);
    return row;
}

Result<std::optional<AccountRow>, StoreError> read_one(Query& query) {
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<AccountRow>{};
    return std::optional<AccountRow>{read_row(query)};
}

Result<AccountId, StoreError> insert_row(Transaction& transaction, const AccountRow& row) {
    const AccountId id{row.id.value != 0 ? row.id.value : transaction.next_id()};
    auto query = transaction.query(kInsertSql);
    query.bind(id.value).bind(row.name);
    query.bind(row.parent ? std::optional{row.parent->value} : std::nullopt);
    query.bind(row.uid).bind(row.metadata).bind(row.created_at).bind(row.updated_at);
    query.bind(row.deleted_at);
    const auto done = query.run();
    if (!done) return done.error();
    return id;
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
    return read_one(query);
}

Result<AccountId, StoreError> insert_account(Transaction& transaction, std::string_view name) {
    AccountRow row;
    row.name = name;
    row.created_at = transaction.now();
    row.updated_at = transaction.now();
    return insert_row(transaction, row);
}

Result<AccountId, StoreError>
insert_child_account(Transaction& transaction, const AccountRow& row) {
    POSTERN_ASSERT(row.parent.has_value());
    return insert_row(transaction, row);
}

Result<bool, StoreError> update_account(Transaction& transaction, const AccountRow& row) {
    auto query = transaction.query(kUpdateSql);
    query.bind(row.name).bind(row.uid).bind(row.metadata).bind(row.updated_at);
    query.bind(row.deleted_at).bind(row.id.value);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows() == 1;
}

Result<std::optional<AccountRow>, StoreError>
find_account_by_uid(Connection& connection, AccountId parent, std::string_view uid) {
    auto query = connection.query(kFindByUidSql);
    query.bind(parent.value).bind(uid);
    return read_one(query);
}

Result<Page<AccountRow>, StoreError>
list_child_accounts(Connection& connection, AccountId parent, const PageRequest<AccountId>& page) {
    ListQuery list;
    list.where("parent_id =", parent.value);
    list.also("deleted_at IS NULL");
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_page<AccountRow>(query, page.rows_max, read_row);
}

Result<void, StoreError> ensure_default_account(WriteConnection& connection, TimePoint now) {
    auto query = connection.query(kInsertIfAbsentSql);
    query.bind(kDefaultAccount.value).bind(std::string_view{"default"}).bind(now);
    return query.run();
}

}  // namespace postern::storage
