#include "storage/node_repository.hpp"

namespace postern::storage {
namespace {

constexpr Sql kServerTimeSql{
    "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"};

constexpr Sql kListNodesSql{
    "SELECT id, number, name, home, version, started_at, lease_until, delivers FROM nodes"
    " ORDER BY id"};
constexpr Sql kInsertNodeSql{
    "INSERT INTO nodes (id, number, name, home, version, started_at, lease_until, delivers)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr Sql kResumeNodeSql{
    "UPDATE nodes SET name = $1, version = $2, started_at = $3, lease_until = $4, delivers = $5"
    " WHERE id = $6"};
constexpr Sql kGiveUpLanesSql{"DELETE FROM lanes WHERE node_id = $1"};
constexpr Sql kEndLeasesSql{"UPDATE leases SET lease_until = $1 WHERE node_id = $2"};
constexpr Sql kDeleteEndedNodeSql{
    "DELETE FROM nodes WHERE id = $1 AND lease_until <= $2 RETURNING id"};
// What was held up on its way must not shorten what was asked for after it.
constexpr Sql kExtendNodeSql{
    "UPDATE nodes SET lease_until = CASE WHEN lease_until > $1 THEN lease_until ELSE $1 END"
    " WHERE id = $2 AND started_at = $3 AND lease_until > $4 RETURNING id"};
constexpr Sql kEndNodeSql{
    "UPDATE nodes SET lease_until = $1 WHERE id = $2 AND started_at = $3 AND lease_until > $1"};

constexpr Sql kFindLeaseSql{"SELECT node_id, fence, lease_until FROM leases WHERE name = $1"};
constexpr Sql kTakeLeaseSql{
    "INSERT INTO leases (name, node_id, fence, lease_until) VALUES ($1, $2, 1, $3)"
    " ON CONFLICT (name) DO UPDATE SET node_id = excluded.node_id, fence = leases.fence + 1,"
    " lease_until = excluded.lease_until WHERE leases.lease_until <= $4 RETURNING fence"};
constexpr Sql kExtendLeaseSql{
    "UPDATE leases SET lease_until = CASE WHEN lease_until > $1 THEN lease_until ELSE $1 END"
    " WHERE name = $2 AND node_id = $3 AND fence = $4 AND lease_until > $5 RETURNING fence"};
constexpr Sql kEndLeaseSql{
    "UPDATE leases SET lease_until = $1 WHERE name = $2 AND node_id = $3 AND fence = $4"};
constexpr Sql kHoldsLeaseSql{
    "SELECT fence FROM leases WHERE name = $1 AND node_id = $2 AND fence = $3"};

using Delivers = NodeRow::Delivers;

std::int64_t stored(Delivers delivers) {
    return delivers == Delivers::yes ? 1 : 0;
}

// On a connection of its own a statement that is only queued might never leave.
Result<void, StoreError> finish(Query& query) {
    const auto step = query.step();
    if (!step) return step.error();
    return {};
}

Result<bool, StoreError> has_row(Query& query) {
    const auto step = query.step();
    if (!step) return step.error();
    return *step == Step::row;
}

}  // namespace

Result<TimePoint, StoreError> server_time(Connection& connection) {
    auto query = connection.query(kServerTimeSql);
    const auto step = query.step();
    if (!step) return step.error();
    return query.time(0);
}

Result<std::vector<NodeRow>, StoreError> list_nodes(Connection& connection) {
    auto query = connection.query(kListNodesSql);
    std::vector<NodeRow> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        rows.push_back(
            {.id = query.integer(0),
             .number = query.integer(1),
             .name = std::string{query.text(2)},
             .home = std::string{query.text(3)},
             .version = std::string{query.text(4)},
             .delivers = query.integer(7) != 0 ? Delivers::yes : Delivers::no,
             .started_at = query.time(5),
             .lease_until = query.time(6)}
        );
    }
}

Result<void, StoreError> insert_node(Transaction& transaction, const NodeRow& row) {
    auto query = transaction.query(kInsertNodeSql);
    query.bind(row.id).bind(row.number).bind(row.name).bind(row.home).bind(row.version);
    query.bind(row.started_at).bind(row.lease_until).bind(stored(row.delivers));
    return query.run();
}

Result<void, StoreError> resume_node(Transaction& transaction, const NodeRow& row) {
    auto resumed = transaction.query(kResumeNodeSql);
    resumed.bind(row.name).bind(row.version).bind(row.started_at).bind(row.lease_until);
    resumed.bind(stored(row.delivers)).bind(row.id);
    if (const auto done = resumed.run(); !done) return done.error();
    if (row.delivers == Delivers::no) {
        auto given_up = transaction.query(kGiveUpLanesSql);
        given_up.bind(row.id);
        if (const auto done = given_up.run(); !done) return done.error();
    }
    auto ended = transaction.query(kEndLeasesSql);
    ended.bind(row.started_at).bind(row.id);
    return ended.run();
}

Result<bool, StoreError>
delete_ended_node(Transaction& transaction, std::int64_t id, TimePoint now) {
    auto query = transaction.query(kDeleteEndedNodeSql);
    query.bind(id).bind(now);
    return has_row(query);
}

Result<bool, StoreError>
extend_node(Connection& connection, const NodeLife& life, const LeaseTerm& term) {
    auto query = connection.query(kExtendNodeSql);
    query.bind(term.until).bind(life.id).bind(life.started_at).bind(term.now);
    return has_row(query);
}

Result<void, StoreError> end_node(Connection& connection, const NodeLife& life, TimePoint now) {
    auto query = connection.query(kEndNodeSql);
    query.bind(now).bind(life.id).bind(life.started_at);
    return finish(query);
}

Result<std::optional<LeaseRow>, StoreError>
find_lease(Connection& connection, std::string_view name) {
    auto query = connection.query(kFindLeaseSql);
    query.bind(name);
    const auto found = has_row(query);
    if (!found) return found.error();
    if (!*found) return std::optional<LeaseRow>{};
    return std::optional{LeaseRow{
        .node = query.integer(0), .fence = query.integer(1), .lease_until = query.time(2)}};
}

Result<std::optional<std::int64_t>, StoreError>
take_lease(Connection& connection, const LeaseHold& hold, const LeaseTerm& term) {
    auto query = connection.query(kTakeLeaseSql);
    query.bind(hold.name).bind(hold.node).bind(term.until).bind(term.now);
    const auto taken = has_row(query);
    if (!taken) return taken.error();
    return *taken ? std::optional{query.integer(0)} : std::nullopt;
}

Result<bool, StoreError>
extend_lease(Connection& connection, const LeaseHold& hold, const LeaseTerm& term) {
    auto query = connection.query(kExtendLeaseSql);
    query.bind(term.until).bind(hold.name).bind(hold.node).bind(hold.fence).bind(term.now);
    return has_row(query);
}

Result<void, StoreError> end_lease(Connection& connection, const LeaseHold& hold, TimePoint now) {
    auto query = connection.query(kEndLeaseSql);
    query.bind(now).bind(hold.name).bind(hold.node).bind(hold.fence);
    return finish(query);
}

Result<bool, StoreError> holds_lease(Transaction& transaction, const LeaseHold& hold) {
    auto query = transaction.query(kHoldsLeaseSql);
    query.bind(hold.name).bind(hold.node).bind(hold.fence);
    return has_row(query);
}

}  // namespace postern::storage
