#include "storage/event_repository.hpp"

#include "storage/sql_text.hpp"

namespace postern::storage {
namespace {

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object, kind, own_type, external_id, channels FROM events";

constexpr auto kFindText = sql_text(kSelect, " WHERE id = $1");
constexpr Sql kFindSql{kFindText.data()};

constexpr auto kFindByExternalIdText = sql_text(
    kSelect,
    " WHERE account_id = $1 AND livemode = $2 AND external_id = $3 AND external_id <> ''"
);
constexpr Sql kFindByExternalIdSql{kFindByExternalIdText.data()};

constexpr Sql kInsertSql{
    "INSERT INTO events (id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object, kind, own_type, external_id, channels)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};

EventRow read_row(const Query& query) {
    EventRow row;
    row.id = EventId{query.integer(0)};
    row.account = AccountId{query.integer(1)};
    row.livemode = static_cast<Livemode>(query.integer(2));
    row.type = static_cast<EventType>(query.integer(3));
    row.gateway = GatewayNumber{query.integer(4)};
    row.inbox = InboxId{query.integer(5)};
    row.gateway_event_id = query.text(6);
    row.gateway_event_type = query.text(7);
    row.created_at = query.time(8);
    row.object = query.text(9);
    row.kind = static_cast<StoredEventKind>(query.integer(10));
    row.own_type = query.text(11);
    row.external_id = query.text(12);
    row.channels = query.text(13);
    return row;
}

Result<std::optional<EventRow>, StoreError> read_one(Query& query) {
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<EventRow>{};
    return std::optional<EventRow>{read_row(query)};
}

ListQuery list_query(const EventFilter& filter) {
    ListQuery list;
    if (filter.account) list.where("account_id =", filter.account->value);
    if (filter.livemode) list.where("livemode =", static_cast<std::int64_t>(*filter.livemode));
    if (filter.type) {
        // Events of other kinds have no type of ours, whatever the column holds.
        list.where("type =", static_cast<std::int64_t>(*filter.type));
        list.also("kind = 0");
    }
    if (filter.kind) list.where("kind =", static_cast<std::int64_t>(*filter.kind));
    // A partial index is used only when the statement repeats its condition word for word.
    if (filter.kind && *filter.kind != StoredEventKind::unified) list.also("kind <> 0");
    if (filter.gateway) list.where("gateway =", filter.gateway->value);
    list.between(filter.since, filter.until);
    return list;
}
static_assert(static_cast<int>(StoredEventKind::unified) == 0);

}  // namespace

Result<Page<EventRow>, StoreError>
list_events(Connection& connection, const EventFilter& filter, const PageRequest<EventId>& page) {
    ListQuery list = list_query(filter);
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_page<EventRow>(query, page.rows_max, read_row);
}

Result<std::optional<EventRow>, StoreError> find_event(Connection& connection, EventId id) {
    auto query = connection.query(kFindSql);
    query.bind(id.value);
    return read_one(query);
}

Result<std::optional<EventRow>, StoreError>
find_event_by_external_id(Connection& connection, const ExternalEvent& which) {
    auto query = connection.query(kFindByExternalIdSql);
    query.bind(which.account.value).bind(static_cast<std::int64_t>(which.livemode));
    query.bind(which.external_id);
    return read_one(query);
}

std::string_view type_name(const EventRow& row) {
    return row.kind == StoredEventKind::unified ? to_text(row.type) : row.own_type;
}

Result<void, StoreError> insert_event(Transaction& transaction, const EventRow& row) {
    auto query = transaction.query(kInsertSql);
    query.bind(row.id.value).bind(row.account.value);
    query.bind(static_cast<std::int64_t>(row.livemode)).bind(static_cast<std::int64_t>(row.type));
    query.bind(row.gateway.value).bind(row.inbox.value).bind(row.gateway_event_id);
    query.bind(row.gateway_event_type).bind(row.created_at).bind(row.object);
    query.bind(static_cast<std::int64_t>(row.kind)).bind(row.own_type).bind(row.external_id);
    query.bind(row.channels);
    return query.run();
}

}  // namespace postern::storage
