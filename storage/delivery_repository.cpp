#include "storage/delivery_repository.hpp"

#include "core/assert.hpp"
#include "storage/delivery_columns.hpp"
#include "storage/sql_text.hpp"

#include <algorithm>
#include <array>

namespace postern::storage {
namespace {

constexpr Sql kInsertSql{
    "INSERT INTO deliveries (id, event_id, endpoint_id, account_id, livemode, sequence, order_key,"
    " state, queue, due_at, fence, attempts, round_attempts, round_started_at, trigger_kind,"
    " last_status, last_error, created_at, finished_at, reason)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20)"};

constexpr Sql kChangeSql{
    "UPDATE deliveries SET fence = fence + 1, state = $1, queue = $2, due_at = $3, order_key = $4,"
    " attempts = $5, round_attempts = $6, round_started_at = $7, trigger_kind = $8,"
    " last_status = $9, last_error = $10, reason = $11, finished_at = $12"
    " WHERE id = $13 AND fence = $14"};

constexpr auto kFindText = sql_text(kSelectDeliveries, " WHERE id = $1");
constexpr Sql kFindSql{kFindText.data()};

constexpr auto kFindOfText =
    sql_text(kSelectDeliveries, " WHERE event_id = $1 AND endpoint_id = $2");
constexpr Sql kFindOfSql{kFindOfText.data()};

constexpr Sql kCountOpenSql{
    "SELECT COUNT(*) FROM deliveries WHERE event_id = $1 AND state IN (0, 1)"};

constexpr auto kOfEventText = sql_text(kSelectDeliveries, " WHERE event_id = $1 ORDER BY id");
constexpr Sql kOfEventSql{kOfEventText.data()};

// Without a bound on due_at: the first row that is not asked for tells when to come again.
constexpr auto kDueText = sql_text(
    kSelectDeliveries,
    " WHERE endpoint_id = $1 AND queue = $2 ORDER BY due_at, id LIMIT $3"
);
constexpr Sql kDueSql{kDueText.data()};

constexpr Sql kFirstDueSql{
    "SELECT due_at FROM deliveries WHERE endpoint_id = $1 AND queue = $2"
    " ORDER BY due_at, id LIMIT 1"};

constexpr Sql kSequenceFromSql{
    "SELECT sequence FROM deliveries WHERE endpoint_id = $1 AND id >= $2 ORDER BY id LIMIT 1"};

constexpr Sql kSequenceOfSql{"SELECT sequence FROM deliveries WHERE id = $1 AND endpoint_id = $2"};

// By how much the clocks of nodes may differ, and how long one may have waited for its turn after
// it looked at its clock.
constexpr std::chrono::minutes kIdsOutOfOrder{1};

// Both halves read an index alone, never a row. What arrived is all less what did not. The plus
// keeps the second from the index by id, in which the state is not found.
constexpr Sql kCountSql{
    "SELECT -1, COUNT(*) FROM deliveries WHERE endpoint_id = $1 AND id >= $2 UNION ALL"
    " SELECT state, COUNT(*) FROM deliveries"
    " WHERE endpoint_id = $1 AND state <> 2 AND +id >= $2 GROUP BY state"};
constexpr int kAllStates = -1;

constexpr Sql kGapsOfStateSql{
    "SELECT sequence, id, event_id FROM deliveries"
    " WHERE endpoint_id = $1 AND state = $2 AND state <> 2 AND sequence > $3"
    " ORDER BY sequence LIMIT $4"};

constexpr std::array kNotDelivered = {
    DeliveryState::pending,
    DeliveryState::waiting,
    DeliveryState::dead,
    DeliveryState::canceled,
    DeliveryState::skipped,
    DeliveryState::superseded};

template <class Enum>
std::int64_t number(Enum value) {
    return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> number(const std::optional<DeliveryQueue>& queue) {
    return queue ? std::optional{static_cast<std::int64_t>(*queue)} : std::nullopt;
}

void bind_change(Query& query, const DeliveryChange& change) {
    query.bind(number(change.state)).bind(number(change.queue)).bind(change.due_at);
    query.bind(change.order_key).bind(change.attempts).bind(change.round_attempts);
    query.bind(change.round_started_at).bind(number(change.trigger)).bind(change.last_status);
    query.bind(number(change.last_error)).bind(change.reason).bind(change.finished_at);
    query.bind(change.id.value).bind(change.fence);
}

Result<std::optional<DeliveryRow>, StoreError> read_one(Query& query) {
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<DeliveryRow>{};
    return std::optional<DeliveryRow>{read_delivery(query)};
}

struct IdAtEndpoint {
    EndpointId endpoint;
    std::int64_t id = 0;
};
Result<std::optional<std::int64_t>, StoreError> read_sequence(Query& query) {
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<std::int64_t>{};
    return std::optional{query.integer(0)};
}

// Of the first delivery with that id or a later one.
Result<std::optional<std::int64_t>, StoreError>
find_sequence(Connection& connection, const IdAtEndpoint& from) {
    auto query = connection.query(kSequenceFromSql);
    query.bind(from.endpoint.value).bind(from.id);
    return read_sequence(query);
}

// Where a page of the list by sequence begins.
struct Beginning {
    std::optional<std::int64_t> sequence;  // nullopt: at the list's end
    enum class After { a_row, a_row_that_went } after = After::a_row;
};

Result<Beginning, StoreError> find_continuation(Connection& connection, const IdAtEndpoint& after) {
    auto query = connection.query(kSequenceOfSql);
    query.bind(after.id).bind(after.endpoint.value);
    const auto there = read_sequence(query);
    if (!there) return there.error();
    if (*there) return Beginning{.sequence = *there};
    const auto next = find_sequence(connection, after);
    if (!next) return next.error();
    return Beginning{.sequence = *next, .after = Beginning::After::a_row_that_went};
}

// The sequence grows with the id only nearly: each node looks at its own clock, and before it waits
// for the endpoint's next number.
Result<Beginning, StoreError> find_beginning(
    Connection& connection,
    const DeliveryFilter& filter,
    const PageRequest<DeliveryId>& page
) {
    if (page.after) return find_continuation(connection, {filter.endpoint, page.after->value});
    if (!filter.since || page.order == Order::newest_first) return Beginning{};
    const std::int64_t early = first_id_at(*filter.since - kIdsOutOfOrder);
    const auto first = find_sequence(connection, {filter.endpoint, early});
    if (!first) return first.error();
    return Beginning{.sequence = *first, .after = Beginning::After::a_row_that_went};
}

// The index of what did not arrive is by sequence. So a page begins in it where it should, however
// deep that lies. The plus of the ids keeps it from the index by id, in which the state is not
// found.
Result<Page<DeliveryRow>, StoreError> list_not_delivered(
    Connection& connection,
    const DeliveryFilter& filter,
    const PageRequest<DeliveryId>& page
) {
    const bool newest_first = page.order == Order::newest_first;
    const auto beginning = find_beginning(connection, filter, page);
    if (!beginning) return beginning.error();
    ListQuery list;
    list.where("endpoint_id =", filter.endpoint.value);
    list.where("state =", number(*filter.state));
    list.also("state <> 2");
    if (beginning->after == Beginning::After::a_row) {
        list.where(newest_first ? "sequence <" : "sequence >", beginning->sequence);
    } else {
        list.where(newest_first ? "sequence <=" : "sequence >=", beginning->sequence);
        if (page.after) list.where(newest_first ? "+id <" : "+id >", page.after->value);
    }
    if (filter.since) list.where("+id >=", first_id_at(*filter.since));
    if (filter.until) list.where("+id <", first_id_at(*filter.until));
    list.after(std::nullopt, page.order);
    list.order_by("sequence");
    auto query = connection.query(list.text(kSelectDeliveries));
    list.bind_to(query, page.rows_max);
    return read_page<DeliveryRow>(query, page.rows_max, read_delivery);
}

std::int64_t& count_of(DeliveryCounts& counts, DeliveryState state) {
    switch (state) {
        case DeliveryState::pending: return counts.pending;
        case DeliveryState::waiting: return counts.waiting;
        case DeliveryState::delivered: return counts.delivered;
        case DeliveryState::dead: return counts.dead;
        case DeliveryState::canceled: return counts.canceled;
        case DeliveryState::skipped: return counts.skipped;
        case DeliveryState::superseded: return counts.superseded;
    }
    POSTERN_ASSERT(!"a DeliveryState without a count");
}

Result<void, StoreError> read_gaps(Query& query, DeliveryState state, std::vector<Gap>& gaps) {
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return {};
        gaps.push_back(
            {.sequence = query.integer(0),
             .delivery = DeliveryId{query.integer(1)},
             .event = EventId{query.integer(2)},
             .state = state}
        );
    }
}

}  // namespace

DeliveryRow read_delivery(const Query& query) {
    DeliveryRow row;
    row.id = DeliveryId{query.integer(0)};
    row.event = EventId{query.integer(1)};
    row.endpoint = EndpointId{query.integer(2)};
    row.account = AccountId{query.integer(3)};
    row.livemode = static_cast<Livemode>(query.integer(4));
    row.sequence = query.integer(5);
    row.order_key = query.integer(6);
    row.state = static_cast<DeliveryState>(query.integer(7));
    if (!query.is_null(8)) row.queue = static_cast<DeliveryQueue>(query.integer(8));
    row.due_at = query.time(9);
    row.fence = query.integer(10);
    row.attempts = query.integer(11);
    row.round_attempts = query.integer(12);
    row.round_started_at = query.time(13);
    row.trigger = static_cast<AttemptTrigger>(query.integer(14));
    row.last_status = query.integer(15);
    row.last_error = static_cast<AttemptError>(query.integer(16));
    row.created_at = query.time(17);
    if (!query.is_null(18)) row.finished_at = query.time(18);
    row.reason = query.text(19);
    return row;
}

Result<DeliveryId, StoreError> insert_delivery(Transaction& transaction, const DeliveryRow& row) {
    const DeliveryId id{transaction.next_id()};
    auto query = transaction.query(kInsertSql);
    query.bind(id.value).bind(row.event.value).bind(row.endpoint.value).bind(row.account.value);
    query.bind(number(row.livemode)).bind(row.sequence).bind(row.order_key);
    query.bind(number(row.state)).bind(number(row.queue)).bind(row.due_at).bind(row.fence);
    query.bind(row.attempts).bind(row.round_attempts).bind(row.round_started_at);
    query.bind(number(row.trigger)).bind(row.last_status).bind(number(row.last_error));
    query.bind(row.created_at).bind(row.finished_at).bind(row.reason);
    const auto done = query.run();
    if (!done) return done.error();
    return id;
}

Result<bool, StoreError> change_delivery(Transaction& transaction, const DeliveryChange& change) {
    auto query = transaction.query(kChangeSql);
    bind_change(query, change);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows() == 1;
}

Result<void, StoreError>
queue_delivery_change(Transaction& transaction, const DeliveryChange& change) {
    auto query = transaction.query(kChangeSql);
    bind_change(query, change);
    return query.run();
}

Result<std::optional<DeliveryRow>, StoreError>
find_delivery(Connection& connection, DeliveryId id) {
    auto query = connection.query(kFindSql);
    query.bind(id.value);
    return read_one(query);
}

Result<std::optional<DeliveryRow>, StoreError>
find_delivery_of(Connection& connection, const EventAtEndpoint& which) {
    auto query = connection.query(kFindOfSql);
    query.bind(which.event.value).bind(which.endpoint.value);
    return read_one(query);
}

Result<DueRows, StoreError> load_due(Connection& connection, const DueQuery& wanted) {
    auto query = connection.query(kDueSql);
    query.bind(wanted.endpoint.value).bind(number(wanted.queue));
    query.bind(static_cast<std::int64_t>(wanted.rows_max) + 1);
    DueRows due;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return due;
        DeliveryRow row = read_delivery(query);
        if (row.due_at > wanted.due_until || due.rows.size() == wanted.rows_max) {
            due.next_due = row.due_at;
            return due;
        }
        due.rows.push_back(std::move(row));
    }
}

Result<std::optional<TimePoint>, StoreError>
first_due(Connection& connection, EndpointId endpoint, DeliveryQueue queue) {
    auto query = connection.query(kFirstDueSql);
    query.bind(endpoint.value).bind(number(queue));
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<TimePoint>{};
    return std::optional<TimePoint>{query.time(0)};
}

Result<Page<DeliveryRow>, StoreError> list_deliveries(
    Connection& connection,
    const DeliveryFilter& filter,
    const PageRequest<DeliveryId>& page
) {
    if (filter.state && *filter.state != DeliveryState::delivered)
        return list_not_delivered(connection, filter, page);
    ListQuery list;
    list.where("endpoint_id =", filter.endpoint.value);
    if (filter.state) list.where("state =", number(*filter.state));
    list.between(filter.since, filter.until);
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    auto query = connection.query(list.text(kSelectDeliveries));
    list.bind_to(query, page.rows_max);
    return read_page<DeliveryRow>(query, page.rows_max, read_delivery);
}

Result<std::vector<DeliveryRow>, StoreError>
list_deliveries_of_event(Connection& connection, EventId event) {
    auto query = connection.query(kOfEventSql);
    query.bind(event.value);
    std::vector<DeliveryRow> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        rows.push_back(read_delivery(query));
    }
}

Result<DeliveryCounts, StoreError>
count_deliveries(Connection& connection, EndpointId endpoint, TimePoint since) {
    auto query = connection.query(kCountSql);
    query.bind(endpoint.value).bind(first_id_at(since));
    DeliveryCounts counts;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return counts;
        const std::int64_t count = query.integer(1);
        if (query.integer(0) == kAllStates) {
            counts.delivered += count;
        } else {
            counts.delivered -= count;
            count_of(counts, static_cast<DeliveryState>(query.integer(0))) += count;
        }
    }
}

Result<std::vector<Gap>, StoreError> list_gaps(Connection& connection, const GapQuery& wanted) {
    std::vector<Gap> gaps;
    for (const DeliveryState state : kNotDelivered) {
        auto query = connection.query(kGapsOfStateSql);
        query.bind(wanted.endpoint.value).bind(number(state)).bind(wanted.after_sequence);
        query.bind(static_cast<std::int64_t>(wanted.rows_max));
        const auto read = read_gaps(query, state, gaps);
        if (!read) return read.error();
    }
    std::sort(gaps.begin(), gaps.end(), [](const Gap& left, const Gap& right) {
        return left.sequence < right.sequence;
    });
    if (gaps.size() > wanted.rows_max) gaps.resize(wanted.rows_max);
    return gaps;
}

Result<std::int64_t, StoreError> count_open_deliveries(Connection& connection, EventId event) {
    auto query = connection.query(kCountOpenSql);
    query.bind(event.value);
    const auto step = query.step();
    if (!step) return step.error();
    return query.integer(0);
}

}  // namespace postern::storage
