#include "storage/event_repository.hpp"

namespace postern::storage {
namespace {

constexpr std::string_view kListFrom =
    "SELECT id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object FROM events";

constexpr Sql kFindSql{
    "SELECT id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object FROM events WHERE id = $1"};

constexpr Sql kInsertSql{
    "INSERT INTO events (id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};

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
    return row;
}

}  // namespace

Result<Page<EventRow>, StoreError>
list_events(Connection& connection, const EventFilter& filter, const PageRequest<EventId>& page) {
    ListQuery list;
    if (filter.account) list.where("account_id =", filter.account->value);
    if (filter.livemode) list.where("livemode =", static_cast<std::int64_t>(*filter.livemode));
    if (filter.type) list.where("type =", static_cast<std::int64_t>(*filter.type));
    if (filter.gateway) list.where("gateway =", filter.gateway->value);
    list.between(filter.since, filter.until);
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    auto query = connection.query(list.text(kListFrom));
    list.bind_to(query, page.rows_max);
    return read_page<EventRow>(query, page.rows_max, read_row);
}

Result<std::optional<EventRow>, StoreError> find_event(Connection& connection, EventId id) {
    auto query = connection.query(kFindSql);
    query.bind(id.value);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<EventRow>{};
    return std::optional<EventRow>{read_row(query)};
}

Result<void, StoreError> insert_event(Transaction& transaction, const EventRow& row) {
    auto query = transaction.query(kInsertSql);
    query.bind(row.id.value).bind(row.account.value);
    query.bind(static_cast<std::int64_t>(row.livemode)).bind(static_cast<std::int64_t>(row.type));
    query.bind(row.gateway.value).bind(row.inbox.value).bind(row.gateway_event_id);
    query.bind(row.gateway_event_type).bind(row.created_at).bind(row.object);
    return query.run();
}

}  // namespace postern::storage
