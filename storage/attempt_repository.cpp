#include "storage/attempt_repository.hpp"

#include "storage/packed_trace.hpp"
#include "storage/sql_text.hpp"

namespace postern::storage {
namespace {

// The delivery knows how many there were, also of those that went because they were old.
constexpr Sql kInsertSql{
    "INSERT INTO attempts (id, delivery_id, number, started_at, dns_us, connect_us, tls_us,"
    " first_byte_us, total_us, trigger_kind, status, error, address, response_headers,"
    " response_body, trace) VALUES ($1, $2,"
    " (SELECT MAX(last) + 1 FROM (SELECT COALESCE(MAX(number), 0) AS last FROM attempts"
    " WHERE delivery_id = $2 UNION ALL SELECT attempts FROM deliveries WHERE id = $2) AS known),"
    " $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"};

constexpr char kSelect[] =
    "SELECT id, delivery_id, number, started_at, dns_us, connect_us, tls_us, first_byte_us,"
    " total_us, trigger_kind, status, error, address, response_headers, response_body,"
    " trace FROM attempts";

constexpr auto kListText = sql_text(kSelect, " WHERE delivery_id = $1 ORDER BY number");
constexpr Sql kListSql{kListText.data()};

constexpr auto kFindText = sql_text(kSelect, " WHERE id = $1");
constexpr Sql kFindSql{kFindText.data()};

// A few, since the writer serves nobody else meanwhile. The id tells the time.
constexpr Sql kForgetSql{
    "DELETE FROM attempts WHERE id IN"
    " (SELECT id FROM attempts WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3) RETURNING id"};
constexpr std::int64_t kForgetRowsMax = 256;

std::chrono::microseconds read_duration(const Query& query, int column) {
    return std::chrono::microseconds{query.integer(column)};
}

AttemptRow read_row(const Query& query) {
    AttemptRow row;
    row.id = AttemptId{query.integer(0)};
    row.delivery = DeliveryId{query.integer(1)};
    row.number = query.integer(2);
    row.started_at = query.time(3);
    row.phases.dns = read_duration(query, 4);
    row.phases.connect = read_duration(query, 5);
    row.phases.tls = read_duration(query, 6);
    row.phases.first_byte = read_duration(query, 7);
    row.phases.total = read_duration(query, 8);
    row.trigger = static_cast<AttemptTrigger>(query.integer(9));
    row.status = static_cast<int>(query.integer(10));
    row.error = static_cast<AttemptError>(query.integer(11));
    row.address = query.text(12);
    row.response_headers = query.bytes(13);
    row.response_body = query.bytes(14);
    if (!query.is_null(15)) row.trace = unpack_trace(query.bytes(15));
    return row;
}

}  // namespace

Result<AttemptId, StoreError> insert_attempt(Transaction& transaction, const AttemptRow& row) {
    const AttemptId id{transaction.next_id()};
    const PackedTrace trace{row.trace};
    auto query = transaction.query(kInsertSql);
    query.bind(id.value).bind(row.delivery.value).bind(row.started_at);
    query.bind(row.phases.dns.count()).bind(row.phases.connect.count());
    query.bind(row.phases.tls.count()).bind(row.phases.first_byte.count());
    query.bind(row.phases.total.count()).bind(static_cast<std::int64_t>(row.trigger));
    query.bind(std::int64_t{row.status}).bind(static_cast<std::int64_t>(row.error));
    query.bind(row.address).bind(Blob{row.response_headers}).bind(Blob{row.response_body});
    query.bind(trace.blob());
    const auto done = query.run();
    if (!done) return done.error();
    return id;
}

Result<std::vector<AttemptRow>, StoreError>
list_attempts(Connection& connection, DeliveryId delivery) {
    auto query = connection.query(kListSql);
    query.bind(delivery.value);
    std::vector<AttemptRow> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        rows.push_back(read_row(query));
    }
}

Result<std::optional<AttemptRow>, StoreError> find_attempt(Connection& connection, AttemptId id) {
    auto query = connection.query(kFindSql);
    query.bind(id.value);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<AttemptRow>{};
    return std::optional<AttemptRow>{read_row(query)};
}

Result<SweptRows, StoreError> forget_attempts(Transaction& transaction, const OldRows& old) {
    auto query = transaction.query(kForgetSql);
    query.bind(old.after).bind(first_id_at(old.before)).bind(kForgetRowsMax);
    return run_sweep(query, old);
}

}  // namespace postern::storage
