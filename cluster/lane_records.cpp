#include "cluster/lane_records.hpp"

#include "storage/delivery_values.hpp"
#include "storage/sql_text.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace postern::cluster {

using storage::Connection;
using storage::Query;
using storage::Sql;
using storage::sql_text;
using storage::Step;
using storage::StoreError;

namespace {

// An array as text: the port has no arrays, and PostgreSQL reads them.
constexpr char kListed[] =
    "(SELECT DISTINCT list.id FROM"
    " unnest(CAST(CAST($1 AS TEXT) AS BIGINT[])) AS list (id))";

constexpr char kClock[] = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";

// Answers with what was given, and with what was found of all. The two are put together by the
// reader: for a join the server has no estimates, and would compare each with each.
// "seen" is the row as the statement's snapshot has it. Without it a lane that changed hands since
// would be judged by a list of nodes in which its new owner does not appear. By its fence a lane is
// known that its node, which was taken for dead, has confirmed anew since.
constexpr auto kConfirmText = sql_text(
    "WITH wanted AS ",
    kListed,
    ", me AS (SELECT id FROM nodes WHERE id = $2 AND lease_until > ",
    kClock,
    "), free AS (SELECT held.endpoint_id FROM wanted"
    " JOIN lanes AS seen ON seen.endpoint_id = wanted.id"
    " JOIN lanes AS held ON held.endpoint_id = seen.endpoint_id AND held.node_id = seen.node_id"
    " AND held.fence = seen.fence"
    " WHERE EXISTS (SELECT 1 FROM me) AND (seen.node_id = $2 OR NOT EXISTS"
    " (SELECT 1 FROM nodes WHERE nodes.id = seen.node_id AND nodes.lease_until > 0))"
    " FOR UPDATE OF held SKIP LOCKED)"
    ", taken_over AS (UPDATE lanes SET node_id = $2, fence = GREATEST(lanes.fence + 1, ",
    kClock,
    ") FROM free WHERE lanes.endpoint_id = free.endpoint_id"
    " RETURNING lanes.endpoint_id, lanes.fence)"
    ", added AS (INSERT INTO lanes (endpoint_id, node_id, fence) SELECT endpoints.id, me.id, ",
    kClock,
    " FROM wanted JOIN endpoints ON endpoints.id = wanted.id AND endpoints.deleted_at IS NULL"
    " CROSS JOIN me WHERE NOT EXISTS"
    " (SELECT 1 FROM lanes WHERE lanes.endpoint_id = wanted.id)"
    " ORDER BY endpoints.id ON CONFLICT (endpoint_id) DO NOTHING RETURNING endpoint_id, fence)"
    " SELECT endpoint_id, fence, CAST(NULL AS BIGINT), CAST(NULL AS BOOLEAN),"
    " CAST(NULL AS BIGINT) FROM taken_over"
    " UNION ALL SELECT endpoint_id, fence, NULL, NULL, NULL FROM added"
    " UNION ALL SELECT wanted.id, NULL, lanes.node_id, nodes.lease_until <= ",
    kClock,
    ", endpoints.id FROM wanted"
    " LEFT JOIN lanes ON lanes.endpoint_id = wanted.id"
    " LEFT JOIN nodes ON nodes.id = lanes.node_id"
    " LEFT JOIN endpoints ON endpoints.id = wanted.id AND endpoints.deleted_at IS NULL"
);
constexpr Sql kConfirmSql{kConfirmText.data()};

constexpr auto kEndNodesText = sql_text(
    "UPDATE nodes SET lease_until = 0 WHERE lease_until > 0 AND lease_until <= ",
    kClock,
    " RETURNING id"
);
constexpr Sql kEndNodesSql{kEndNodesText.data()};

constexpr Sql kLanesOfSql{"SELECT endpoint_id FROM lanes WHERE node_id = $1"};

// Its commit waits for no disk: one that a crash of the server undoes leaves the lane with a node
// that takes it up again when it is wanted or when it looks for what it has, and whoever takes it
// over commits after this.
// Rows are asked for so that the answer is waited for.
constexpr auto kReleaseText = sql_text(
    "WITH relaxed AS MATERIALIZED"
    " (SELECT set_config('synchronous_commit', 'off', true) AS mode)"
    " DELETE FROM lanes USING relaxed,"
    " unnest(CAST(CAST($1 AS TEXT) AS BIGINT[]), CAST(CAST($3 AS TEXT) AS BIGINT[]))"
    " AS wanted (id, fence) WHERE lanes.endpoint_id = wanted.id AND lanes.node_id = $2"
    " AND (wanted.fence = 0 OR lanes.fence = wanted.fence) AND relaxed.mode = 'off'"
    " RETURNING lanes.endpoint_id"
);
constexpr Sql kReleaseSql{kReleaseText.data()};

// A disabled endpoint (1) waits for nothing, and one that is left alone not before its time:
// whoever claimed it would give it back at once, and find it again with the next look. Values
// instead of EXISTS: that may be answered by reading all that is due of every endpoint once, which
// looks cheap to statistics from before a backlog.
constexpr auto kUnservedText = sql_text(
    "SELECT wanted.id FROM ",
    kListed,
    " AS wanted WHERE (SELECT e.status <> 1 AND e.deleted_at IS NULL FROM endpoints AS e"
    " WHERE e.id = wanted.id) AND coalesce((SELECT health.not_before <= $2"
    " FROM endpoint_health AS health WHERE health.endpoint_id = wanted.id), TRUE)"
    " AND ((SELECT TRUE FROM deliveries AS d WHERE d.endpoint_id = wanted.id"
    " AND d.queue = 0 AND d.due_at <= $2 LIMIT 1) OR (SELECT TRUE FROM deliveries AS d"
    " WHERE d.endpoint_id = wanted.id AND d.queue = 1 AND d.due_at <= $2 LIMIT 1))"
    " AND NOT EXISTS (SELECT 1 FROM lanes JOIN nodes ON nodes.id = lanes.node_id"
    " WHERE lanes.endpoint_id = wanted.id AND nodes.lease_until > ",
    kClock,
    ")"
);
constexpr Sql kUnservedSql{kUnservedText.data()};
static_assert(static_cast<int>(storage::DeliveryQueue::fresh) == 0);
static_assert(static_cast<int>(storage::DeliveryQueue::retry) == 1);

// A disabled endpoint (1) waits for nothing.
constexpr Sql kEarliestDueSql{
    "SELECT e.id, fresh.due_at, retry.due_at, health.not_before FROM endpoints AS e"
    " LEFT JOIN LATERAL (SELECT d.due_at FROM deliveries AS d WHERE d.endpoint_id = e.id"
    " AND d.queue = 0 ORDER BY d.due_at, d.id LIMIT 1) AS fresh ON e.status <> 1"
    " LEFT JOIN LATERAL (SELECT d.due_at FROM deliveries AS d WHERE d.endpoint_id = e.id"
    " AND d.queue = 1 ORDER BY d.due_at, d.id LIMIT 1) AS retry ON e.status <> 1"
    " LEFT JOIN endpoint_health AS health ON health.endpoint_id = e.id"
    " WHERE e.id > $1 AND e.deleted_at IS NULL ORDER BY e.id LIMIT $2"};
static_assert(static_cast<int>(storage::EndpointStatus::disabled) == 1);

template <class Items, class ToNumber>
std::string array_text(const Items& items, ToNumber to_number) {
    std::string text = "{";
    for (const auto& item : items) {
        if (text.size() > 1) text += ',';
        text += std::to_string(to_number(item));
    }
    text += '}';
    return text;
}

std::string array_text(std::span<const EndpointId> endpoints) {
    return array_text(endpoints, [](EndpointId endpoint) { return endpoint.value; });
}

struct Read {
    LaneVerdict verdict;
    bool lease_over = false;  // of the node that has it
};

Read read_verdict(const Query& query) {
    Read read;
    read.verdict.endpoint = EndpointId{query.integer(0)};
    if (!query.is_null(1)) {
        read.verdict.kind = LaneVerdict::Kind::ours;
        read.verdict.fence = query.integer(1);
    } else if (!query.is_null(2) && !query.is_null(3)) {
        read.verdict.kind = LaneVerdict::Kind::taken;
        read.verdict.owner = query.integer(2);
        read.lease_over = query.integer(3) != 0;
    } else if (query.is_null(2) && query.is_null(4)) {
        read.verdict.kind = LaneVerdict::Kind::gone;
    }
    return read;
}

struct Confirmed {
    std::vector<LaneVerdict> verdicts;
    std::vector<EndpointId> of_ended_nodes;
};

Result<Confirmed, StoreError> confirm_once(Connection& connection, NodeLanes wanted) {
    const std::string list = array_text(wanted.lanes);
    auto query = connection.query(kConfirmSql);
    query.bind(list).bind(wanted.node);
    std::map<EndpointId, Read> reads;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) break;
        const Read read = read_verdict(query);
        const auto [entry, is_new] = reads.try_emplace(read.verdict.endpoint, read);
        if (!is_new && read.verdict.kind == LaneVerdict::Kind::ours) entry->second = read;
    }
    Confirmed confirmed;
    for (const auto& [endpoint, read] : reads) {
        if (read.lease_over && read.verdict.owner != wanted.node) {
            confirmed.of_ended_nodes.push_back(endpoint);
        } else {
            confirmed.verdicts.push_back(read.verdict);
        }
    }
    return confirmed;
}

Result<std::vector<EndpointId>, StoreError> read_ids(Query& query) {
    std::vector<EndpointId> ids;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return ids;
        ids.push_back(EndpointId{query.integer(0)});
    }
}

std::optional<TimePoint> optional_time(const Query& query, int column) {
    return query.is_null(column) ? std::nullopt : std::optional{query.time(column)};
}

EarliestDue read_due(const Query& query) {
    EarliestDue due{.endpoint = EndpointId{query.integer(0)}};
    const auto fresh = optional_time(query, 1);
    const auto retry = optional_time(query, 2);
    due.due_at = fresh && retry ? std::min(*fresh, *retry) : (fresh ? fresh : retry);
    // While an endpoint is left alone, nobody needs to look at what waits for it.
    const auto not_before = optional_time(query, 3);
    if (due.due_at && not_before) due.due_at = std::max(*due.due_at, *not_before);
    return due;
}

}  // namespace

Result<std::vector<LaneVerdict>, StoreError>
confirm_lanes(Connection& connection, NodeLanes wanted) {
    auto first = confirm_once(connection, wanted);
    if (!first) return first.error();
    if (first->of_ended_nodes.empty()) return std::move(first->verdicts);
    auto ending = connection.query(kEndNodesSql);
    const auto ended = read_ids(ending);
    if (!ended) return ended.error();
    auto again = confirm_once(connection, {wanted.node, first->of_ended_nodes});
    if (!again) return again.error();
    std::vector<LaneVerdict> verdicts = std::move(first->verdicts);
    verdicts.insert(verdicts.end(), again->verdicts.begin(), again->verdicts.end());
    for (const EndpointId endpoint : again->of_ended_nodes) {
        verdicts.push_back({.endpoint = endpoint, .kind = LaneVerdict::Kind::contested});
    }
    return verdicts;
}

Result<std::vector<EndpointId>, StoreError>
list_lanes_of(Connection& connection, std::int64_t node) {
    auto query = connection.query(kLanesOfSql);
    query.bind(node);
    return read_ids(query);
}

Result<void, StoreError>
release_lanes(Connection& connection, std::int64_t node, std::span<const HeldLane> lanes) {
    const auto id_of = [](const HeldLane& lane) {
        return lane.endpoint.value;
    };
    const auto fence_of = [](const HeldLane& lane) {
        return lane.fence;
    };
    const std::string list = array_text(lanes, id_of);
    const std::string fences = array_text(lanes, fence_of);
    auto query = connection.query(kReleaseSql);
    query.bind(list).bind(node).bind(fences);
    const auto released = read_ids(query);
    if (!released) return released.error();
    return {};
}

Result<std::vector<EndpointId>, StoreError>
find_unserved(Connection& connection, std::span<const EndpointId> endpoints, TimePoint now) {
    const std::string list = array_text(endpoints);
    auto query = connection.query(kUnservedSql);
    query.bind(list).bind(now);
    return read_ids(query);
}

Result<std::vector<EarliestDue>, StoreError>
read_earliest_due(Connection& connection, EndpointSlice slice) {
    auto query = connection.query(kEarliestDueSql);
    query.bind(slice.after.value).bind(static_cast<std::int64_t>(slice.rows_max));
    std::vector<EarliestDue> found;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return found;
        found.push_back(read_due(query));
    }
}

}  // namespace postern::cluster
