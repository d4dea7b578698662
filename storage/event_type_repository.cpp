#include "storage/event_type_repository.hpp"

#include "core/assert.hpp"

namespace postern::storage {
namespace {

constexpr Sql kFindSql{
    "SELECT account_id, name, description, schemas, archived, deprecated, created_at, updated_at"
    " FROM event_types WHERE account_id = $1 AND name = $2"};

constexpr Sql kListSql{
    "SELECT account_id, name, description, schemas, archived, deprecated, created_at, updated_at"
    " FROM event_types WHERE account_id = $1 ORDER BY name"};

constexpr Sql kCountSql{"SELECT COUNT(*) FROM event_types WHERE account_id = $1"};

constexpr Sql kPutSql{
    "INSERT INTO event_types (account_id, name, description, schemas, archived, deprecated,"
    " created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    " ON CONFLICT (account_id, name) DO UPDATE SET description = excluded.description,"
    " schemas = excluded.schemas, archived = excluded.archived,"
    " deprecated = excluded.deprecated, updated_at = excluded.updated_at"};

constexpr Sql kDeleteSql{"DELETE FROM event_types WHERE account_id = $1 AND name = $2"};

EventTypeRow read_row(const Query& query) {
    EventTypeRow row;
    row.account = AccountId{query.integer(0)};
    row.name = query.text(1);
    row.description = query.text(2);
    row.schemas = query.text(3);
    row.archived = query.integer(4) != 0;
    row.deprecated = query.integer(5) != 0;
    row.created_at = query.time(6);
    row.updated_at = query.time(7);
    return row;
}

}  // namespace

Result<std::optional<EventTypeRow>, StoreError>
find_event_type(Connection& connection, const EventTypeKey& key) {
    auto query = connection.query(kFindSql);
    query.bind(key.account.value).bind(key.name);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<EventTypeRow>{};
    return std::optional{read_row(query)};
}

Result<std::vector<EventTypeRow>, StoreError>
list_event_types(Connection& connection, AccountId account) {
    auto query = connection.query(kListSql);
    query.bind(account.value);
    std::vector<EventTypeRow> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        rows.push_back(read_row(query));
    }
}

Result<std::int64_t, StoreError> count_event_types(Connection& connection, AccountId account) {
    auto query = connection.query(kCountSql);
    query.bind(account.value);
    const auto step = query.step();
    if (!step) return step.error();
    POSTERN_ASSERT(*step == Step::row);
    return query.integer(0);
}

Result<void, StoreError> put_event_type(Transaction& transaction, const EventTypeRow& row) {
    auto query = transaction.query(kPutSql);
    query.bind(row.account.value).bind(row.name).bind(row.description).bind(row.schemas);
    query.bind(std::int64_t{row.archived ? 1 : 0}).bind(std::int64_t{row.deprecated ? 1 : 0});
    query.bind(row.created_at).bind(row.updated_at);
    return query.run();
}

Result<void, StoreError> delete_event_type(Transaction& transaction, const EventTypeKey& key) {
    auto query = transaction.query(kDeleteSql);
    query.bind(key.account.value).bind(key.name);
    return query.run();
}

}  // namespace postern::storage
