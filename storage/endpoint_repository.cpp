#include "storage/endpoint_repository.hpp"

#include "storage/change_repository.hpp"
#include "storage/row_locks.hpp"
#include "storage/sql_text.hpp"

#include <map>
#include <string>

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

constexpr Sql kTakeSequencesSql{
    "UPDATE endpoint_sequences SET last_sequence = last_sequence + $1 WHERE endpoint_id = $2"
    " RETURNING last_sequence"};

constexpr Sql kTakeAllSequencesSql{
    "UPDATE endpoint_sequences AS taken SET last_sequence = taken.last_sequence + draw.count"
    " FROM unnest($1::bigint[], $2::bigint[]) AS draw (endpoint_id, count)"
    " WHERE taken.endpoint_id = draw.endpoint_id"
    " RETURNING taken.endpoint_id, taken.last_sequence"};

constexpr char kSelectHealth[] =
    "SELECT endpoint_id, failing_since, failures, not_before, breaker_openings"
    " FROM endpoint_health";

constexpr auto kLoadHealthText = sql_text(kSelectHealth, " ORDER BY endpoint_id");
constexpr Sql kLoadHealthSql{kLoadHealthText.data()};

constexpr auto kFindHealthText = sql_text(kSelectHealth, " WHERE endpoint_id = $1");
constexpr Sql kFindHealthSql{kFindHealthText.data()};

constexpr Sql kPutHealthSql{
    "INSERT INTO endpoint_health (endpoint_id, failing_since, failures, not_before,"
    " breaker_openings) SELECT $1, $2, $3, $4, $5 WHERE $6 = 0 OR NOT EXISTS"
    " (SELECT 1 FROM lanes WHERE lanes.endpoint_id = $1 AND lanes.node_id <> $6)"
    " ON CONFLICT (endpoint_id) DO UPDATE"
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
    const auto noted = note_change(transaction, {ChangeKind::endpoint, id.value});
    if (!noted) return noted.error();
    return id;
}

Result<bool, StoreError> update_endpoint(Transaction& transaction, const EndpointRow& row) {
    auto query = transaction.query(kUpdateSql);
    query.bind(static_cast<std::int64_t>(row.status)).bind(row.updated_at).bind(row.deleted_at);
    query.bind(row.uid).bind(row.disabled_reason).bind(row.url).bind(row.settings);
    query.bind(Blob{row.secrets}).bind(row.id.value).bind(row.revision);
    const auto done = query.run();
    if (!done) return done.error();
    if (query.changed_rows() != 1) return false;
    const auto noted = note_change(transaction, {ChangeKind::endpoint, row.id.value});
    if (!noted) return noted.error();
    return true;
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
put_endpoint_health(Transaction& transaction, const EndpointHealthRow& row, LaneHolder holder) {
    auto query = transaction.query(kPutHealthSql);
    query.bind(row.endpoint.value).bind(row.failing_since).bind(row.failures);
    query.bind(row.not_before).bind(row.breaker_openings).bind(holder.node_id);
    return query.run();
}

namespace {

Result<std::int64_t, StoreError> take_from(Transaction& transaction, const SequenceDraw& draw) {
    auto query = transaction.query(kTakeSequencesSql);
    query.bind(draw.count).bind(draw.endpoint.value);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return StoreError::constraint;  // there is no such endpoint
    return query.integer(0);
}

using LastTaken = std::map<EndpointId, std::int64_t>;

Result<LastTaken, StoreError>
take_from_all(Transaction& transaction, const std::vector<SequenceDraw>& draws) {
    std::vector<EndpointId> endpoints;
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> counts;
    for (const SequenceDraw& draw : draws) {
        endpoints.push_back(draw.endpoint);
        ids.push_back(draw.endpoint.value);
        counts.push_back(draw.count);
    }
    const auto locked = transaction.locks().lock(transaction, endpoints);
    if (!locked) return locked.error();
    const std::string id_list = number_list(ids);
    const std::string count_list = number_list(counts);
    auto query = transaction.query(kTakeAllSequencesSql);
    query.bind(std::string_view{id_list}).bind(std::string_view{count_list});
    LastTaken last;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return last;
        last[EndpointId{query.integer(0)}] = query.integer(1);
    }
}

}  // namespace

Result<std::vector<std::int64_t>, StoreError>
take_sequences(Transaction& transaction, const std::vector<SequenceDraw>& draws) {
    std::vector<std::int64_t> last;
    if (draws.empty()) return last;
    if (transaction.connection().writers() == Writers::one) {
        for (const SequenceDraw& draw : draws) {
            const auto taken = take_from(transaction, draw);
            if (!taken) return taken.error();
            last.push_back(*taken);
        }
        return last;
    }
    const auto taken = take_from_all(transaction, draws);
    if (!taken) return taken.error();
    for (const SequenceDraw& draw : draws) {
        const auto found = taken->find(draw.endpoint);
        if (found == taken->end()) return StoreError::constraint;
        last.push_back(found->second);
    }
    return last;
}

Result<std::int64_t, StoreError> next_sequence(Transaction& transaction, EndpointId id) {
    const auto taken = take_sequences(transaction, {{.endpoint = id, .count = 1}});
    if (!taken) return taken.error();
    return taken->front();
}

}  // namespace postern::storage
