#include "storage/delivery_writes.hpp"

#include "storage/column_texts.hpp"
#include "storage/delivery_sets.hpp"
#include "storage/packed_trace.hpp"

#include <map>
#include <set>
#include <span>

namespace postern::storage {
namespace {

constexpr Sql kInsertSql{
    "INSERT INTO deliveries (id, event_id, endpoint_id, account_id, livemode, sequence, order_key,"
    " state, queue, due_at, fence, attempts, round_attempts, round_started_at, trigger_kind,"
    " last_status, last_error, created_at, finished_at, reason) SELECT * FROM unnest("
    "$1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],"
    " $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],"
    " $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[],"
    " $19::bigint[], $20::text[])"};
constexpr std::size_t kInsertColumns = 20;

constexpr Sql kChangeSql{
    "UPDATE deliveries SET fence = deliveries.fence + 1, state = change.state,"
    " queue = change.queue, due_at = change.due_at, order_key = change.order_key,"
    " attempts = change.attempts, round_attempts = change.round_attempts,"
    " round_started_at = change.round_started_at, trigger_kind = change.trigger_kind,"
    " last_status = change.last_status, last_error = change.last_error, reason = change.reason,"
    " finished_at = change.finished_at FROM unnest($1::bigint[], $2::bigint[], $3::bigint[],"
    " $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],"
    " $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[])"
    " AS change (id, fence, state, queue, due_at, order_key, attempts, round_attempts,"
    " round_started_at, trigger_kind, last_status, last_error, finished_at, reason)"
    " WHERE deliveries.id = change.id AND deliveries.fence = change.fence"};
constexpr std::size_t kChangeColumns = 14;

// The bytes of all rows are one value, so that they are sent as they are.
constexpr Sql kInsertAttemptsSql{
    "INSERT INTO attempts (id, delivery_id, number, started_at, dns_us, connect_us, tls_us,"
    " first_byte_us, total_us, trigger_kind, status, error, address, response_headers,"
    " response_body, trace) SELECT new.id, new.delivery_id, new.place + GREATEST("
    "(SELECT COALESCE(MAX(number), 0) FROM attempts WHERE delivery_id = new.delivery_id),"
    " (SELECT COALESCE(MAX(attempts), 0) FROM deliveries WHERE id = new.delivery_id)),"
    " new.started_at, new.dns_us, new.connect_us, new.tls_us, new.first_byte_us, new.total_us,"
    " new.trigger_kind, new.status, new.error, new.address,"
    " substring($1::bytea FROM new.headers_at FOR new.body_at - new.headers_at),"
    " substring($1::bytea FROM new.body_at FOR new.trace_at - new.body_at),"
    " CASE WHEN new.end_at > new.trace_at"
    " THEN substring($1::bytea FROM new.trace_at FOR new.end_at - new.trace_at) END"
    " FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],"
    " $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],"
    " $13::bigint[], $14::text[], $15::integer[], $16::integer[], $17::integer[], $18::integer[])"
    " AS new (id, delivery_id, place, started_at, dns_us, connect_us, tls_us, first_byte_us,"
    " total_us, trigger_kind, status, error, address, headers_at, body_at, trace_at, end_at)"};
constexpr std::size_t kAttemptColumns = 17;

template <class Enum>
std::int64_t number(Enum value) {
    return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> number(const std::optional<DeliveryQueue>& queue) {
    return queue ? std::optional{static_cast<std::int64_t>(*queue)} : std::nullopt;
}

bool is_one_by_one(Transaction& transaction, std::size_t rows) {
    return rows < 2 || transaction.connection().writers() == Writers::one;
}

Result<void, StoreError> run_with(Transaction& transaction, const Sql& sql, ColumnTexts& columns) {
    auto query = transaction.query(sql);
    columns.bind_to(query);
    return query.run();
}

// No delivery twice.
Result<void, StoreError>
change_at_once(Transaction& transaction, std::span<const DeliveryChange> changes) {
    ColumnTexts columns{kChangeColumns};
    for (const DeliveryChange& change : changes) {
        columns.add(change.id.value).add(change.fence).add(number(change.state));
        columns.add(number(change.queue)).add(change.due_at).add(change.order_key);
        columns.add(change.attempts).add(change.round_attempts).add(change.round_started_at);
        columns.add(number(change.trigger)).add(change.last_status);
        columns.add(number(change.last_error)).add(change.finished_at).add(change.reason);
    }
    return run_with(transaction, kChangeSql, columns);
}

// How many there are from the front before one delivery comes a second time.
std::size_t count_different(std::span<const DeliveryChange> changes) {
    std::set<DeliveryId> seen;
    for (const DeliveryChange& change : changes) {
        if (!seen.insert(change.id).second) break;
    }
    return seen.size();
}

// Positions count from 1.
std::int64_t end_of(const std::string& bytes) {
    return static_cast<std::int64_t>(bytes.size()) + 1;
}

void add_bytes(ColumnTexts& columns, const AttemptRow& row, std::string& bytes) {
    columns.add(end_of(bytes));
    bytes += row.response_headers;
    columns.add(end_of(bytes));
    bytes += row.response_body;
    columns.add(end_of(bytes));
    const PackedTrace trace{row.trace};
    if (const auto blob = trace.blob()) bytes += blob->bytes;
    columns.add(end_of(bytes));
}

}  // namespace

Result<std::vector<DeliveryId>, StoreError>
insert_deliveries(Transaction& transaction, const std::vector<DeliveryRow>& rows) {
    std::vector<DeliveryId> ids;
    if (is_one_by_one(transaction, rows.size())) {
        for (const DeliveryRow& row : rows) {
            const auto id = insert_delivery(transaction, row);
            if (!id) return id.error();
            ids.push_back(*id);
        }
        return ids;
    }
    ColumnTexts columns{kInsertColumns};
    for (const DeliveryRow& row : rows) {
        ids.push_back(DeliveryId{transaction.next_id()});
        columns.add(ids.back().value).add(row.event.value).add(row.endpoint.value);
        columns.add(row.account.value).add(number(row.livemode)).add(row.sequence);
        columns.add(row.order_key).add(number(row.state)).add(number(row.queue)).add(row.due_at);
        columns.add(row.fence).add(row.attempts).add(row.round_attempts).add(row.round_started_at);
        columns.add(number(row.trigger)).add(row.last_status).add(number(row.last_error));
        columns.add(row.created_at).add(row.finished_at).add(row.reason);
    }
    const auto done = run_with(transaction, kInsertSql, columns);
    if (!done) return done.error();
    return ids;
}

Result<void, StoreError>
change_found_deliveries(Transaction& transaction, const std::vector<DeliveryChange>& changes) {
    if (is_one_by_one(transaction, changes.size())) {
        for (const DeliveryChange& change : changes) {
            const auto changed = change_found_delivery(transaction, change);
            if (!changed) return changed.error();
        }
        return {};
    }
    for (std::span<const DeliveryChange> left{changes}; !left.empty();) {
        const std::size_t count = count_different(left);
        const auto changed = change_at_once(transaction, left.first(count));
        if (!changed) return changed.error();
        left = left.subspan(count);
    }
    return {};
}

Result<void, StoreError>
insert_attempts(Transaction& transaction, const std::vector<AttemptRow>& rows) {
    if (is_one_by_one(transaction, rows.size())) {
        for (const AttemptRow& row : rows) {
            const auto inserted = insert_attempt(transaction, row);
            if (!inserted) return inserted.error();
        }
        return {};
    }
    std::map<DeliveryId, std::int64_t> places;
    std::string bytes;
    ColumnTexts columns{kAttemptColumns};
    for (const AttemptRow& row : rows) {
        columns.add(transaction.next_id()).add(row.delivery.value).add(++places[row.delivery]);
        columns.add(row.started_at).add(row.phases.dns.count()).add(row.phases.connect.count());
        columns.add(row.phases.tls.count()).add(row.phases.first_byte.count());
        columns.add(row.phases.total.count()).add(number(row.trigger));
        columns.add(std::int64_t{row.status}).add(number(row.error)).add(row.address);
        add_bytes(columns, row, bytes);
    }
    auto query = transaction.query(kInsertAttemptsSql);
    query.bind(Blob{bytes});
    columns.bind_to(query);
    return query.run();
}

}  // namespace postern::storage
