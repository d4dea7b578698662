#include "storage/endpoint_repository.hpp"

#include "storage/sql_text.hpp"

namespace postern::storage {
namespace {

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, status, revision, created_at, updated_at, deleted_at, uid,"
    " disabled_reason, url, settings, secrets, last_sequence"
    " FROM endpoints LEFT JOIN endpoint_sequences ON endpoint_id = id";

constexpr auto kFindText = sql_text(kSelect, " WHERE id = $1");
constexpr Sql kFindSql{kFindText.data()};

constexpr auto kFindByUidText = sql_text(
    kSelect,
    " WHERE account_id = $1 AND livemode = $2 AND uid = $3 AND uid <> '' AND deleted_at IS NULL"
);
constexpr Sql kFindByUidSql{kFindByUidText.data()};

constexpr auto kLoadText = sql_text(kSelect, " WHERE deleted_at IS NULL ORDER BY id");
constexpr Sql kLoadSql{kLoadText.data()};

constexpr Sql kCountSql{
    "SELECT COUNT(*) FROM endpoints"
    " WHERE account_id = $1 AND livemode = $2 AND deleted_at IS NULL"};

constexpr Sql kInsertSql{
    "INSERT INTO endpoints (id, account_id, livemode, status, revision, created_at, updated_at,"
    " deleted_at, uid, disabled_reason, url, settings, secrets)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"};

constexpr Sql kInsertSequenceSql{
    "INSERT INTO endpoint_sequences (endpoint_id, last_sequence) VALUES ($1, 0)"};

constexpr Sql kUpdateSql{
    "UPDATE endpoints SET revision = revision + 1, status = $1, updated_at = $2, deleted_at = $3,"
    " uid = $4, disabled_reason = $5, url = $6, settings = $7, secrets = $8"
    " WHERE id = $9 AND revision = $10"};

constexpr Sql kNextSequenceSql{
    "UPDATE endpoint_sequences SET last_sequence = last_sequence + 1 WHERE endpoint_id = $1"
    " RETURNING last_sequence"};

constexpr char kSelectHealth[] =
    "SELECT endpoint_id, failing_since, failures, not_before, breaker_openings"
    " FROM endpoint_health";

constexpr auto kLoadHealthText = sql_text(kSelectHealth, " ORDER BY endpoint_id");
constexpr Sql kLoadHealthSql{kLoadHealthText.data()};

constexpr auto kFindHealthText = sql_text(kSelectHealth, " WHERE endpoint_id = $1");
constexpr Sql kFindHealthSql{kFindHealthText.data()};

constexpr Sql kPutHealthSql{
    "INSERT INTO endpoint_health (endpoint_id, failing_since, failures, not_before,"
    " breaker_openings) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (endpoint_id) DO UPDATE"
    " SET failing_since = excluded.failing_since, failures = excluded.failures,"
    " not_before = excluded.not_before, breaker_openings = excluded.breaker_openings"};

std::optional<TimePoint> read_optional_time(const Query& query, int column) {
    return query.is_null(column) ? std::nullopt : std::optional{query.time(column)};
}

EndpointRow read_row(const Query& query) {
    EndpointRow row;
    row.id = EndpointId{query.integer(0)};
    row.account = AccountId{query.integer(1)};
    row.livemode = static_cast<Livemode>(query.integer(2));
    row.status = static_cast<EndpointStatus>(query.integer(3));
    row.revision = query.integer(4);
    row.created_at = query.time(5);
    row.updated_at = query.time(6);
    row.deleted_at = read_optional_time(query, 7);
    row.uid = query.text(8);
    row.disabled_reason = query.text(9);
    row.url = query.text(10);
    row.settings = query.text(11);
    row.secrets = query.bytes(12);
    row.last_sequence = query.integer(13);
    return row;
}

EndpointHealthRow read_health(const Query& query) {
    EndpointHealthRow row;
    row.endpoint = EndpointId{query.integer(0)};
    row.failing_since = read_optional_time(query, 1);
    row.failures = query.integer(2);
    row.not_before = read_optional_time(query, 3);
    row.breaker_openings = query.integer(4);
    return row;
}

template <class ReadRow>
auto read_one(Query& query, ReadRow read)
    -> Result<std::optional<decltype(read(query))>, StoreError> {
    using Row = decltype(read(query));
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<Row>{};
    return std::optional<Row>{read(query)};
}

template <class ReadRow>
auto read_all(Query& query, ReadRow read)
    -> Result<std::vector<decltype(read(query))>, StoreError> {
    std::vector<decltype(read(query))> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        rows.push_back(read(query));
    }
}

}  // namespace

Result<EndpointId, StoreError> insert_endpoint(Transaction& transaction, const EndpointRow& row) {
    const EndpointId id{row.id.value != 0 ? row.id.value : transaction.next_id()};
    auto query = transaction.query(kInsertSql);
    query.bind(id.value).bind(row.account.value).bind(static_cast<std::int64_t>(row.livemode));
    query.bind(static_cast<std::int64_t>(row.status)).bind(row.revision).bind(row.created_at);
    query.bind(row.updated_at).bind(row.deleted_at).bind(row.uid).bind(row.disabled_reason);
    query.bind(row.url).bind(row.settings).bind(Blob{row.secrets});
    const auto inserted = query.run();
    if (!inserted) return inserted.error();
    auto sequence = transaction.query(kInsertSequenceSql);
    const auto begun = sequence.bind(id.value).run();
    if (!begun) return begun.error();
    return id;
}

Result<bool, StoreError> update_endpoint(Transaction& transaction, const EndpointRow& row) {
    auto query = transaction.query(kUpdateSql);
    query.bind(static_cast<std::int64_t>(row.status)).bind(row.updated_at).bind(row.deleted_at);
    query.bind(row.uid).bind(row.disabled_reason).bind(row.url).bind(row.settings);
    query.bind(Blob{row.secrets}).bind(row.id.value).bind(row.revision);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows() == 1;
}

Result<std::optional<EndpointRow>, StoreError>
find_endpoint(Connection& connection, EndpointId id) {
    auto query = connection.query(kFindSql);
    query.bind(id.value);
    return read_one(query, read_row);
}

Result<std::optional<EndpointRow>, StoreError>
find_endpoint_by_uid(Connection& connection, EndpointOwner owner, std::string_view uid) {
    auto query = connection.query(kFindByUidSql);
    query.bind(owner.account.value).bind(static_cast<std::int64_t>(owner.livemode)).bind(uid);
    return read_one(query, read_row);
}

Result<Page<EndpointRow>, StoreError>
list_endpoints(Connection& connection, EndpointOwner owner, const PageRequest<EndpointId>& page) {
    ListQuery list;
    list.where("account_id =", owner.account.value);
    list.where("livemode =", static_cast<std::int64_t>(owner.livemode));
    list.also("deleted_at IS NULL");
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_page<EndpointRow>(query, page.rows_max, read_row);
}

Result<std::int64_t, StoreError> count_endpoints(Connection& connection, EndpointOwner owner) {
    auto query = connection.query(kCountSql);
    query.bind(owner.account.value).bind(static_cast<std::int64_t>(owner.livemode));
    const auto step = query.step();
    if (!step) return step.error();
    return query.integer(0);
}

Result<std::vector<EndpointRow>, StoreError> load_endpoints(Connection& connection) {
    auto query = connection.query(kLoadSql);
    return read_all(query, read_row);
}

Result<std::vector<EndpointHealthRow>, StoreError> load_endpoint_health(Connection& connection) {
    auto query = connection.query(kLoadHealthSql);
    return read_all(query, read_health);
}

Result<std::optional<EndpointHealthRow>, StoreError>
find_endpoint_health(Connection& connection, EndpointId id) {
    auto query = connection.query(kFindHealthSql);
    query.bind(id.value);
    return read_one(query, read_health);
}

Result<void, StoreError>
put_endpoint_health(Transaction& transaction, const EndpointHealthRow& row) {
    auto query = transaction.query(kPutHealthSql);
    query.bind(row.endpoint.value).bind(row.failing_since).bind(row.failures);
    query.bind(row.not_before).bind(row.breaker_openings);
    return query.run();
}

Result<std::int64_t, StoreError> next_sequence(Transaction& transaction, EndpointId id) {
    auto query = transaction.query(kNextSequenceSql);
    query.bind(id.value);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return StoreError::constraint;  // there is no such endpoint
    return query.integer(0);
}

}  // namespace postern::storage
