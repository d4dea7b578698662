#include "storage/event_repository.hpp"

#include "storage/delivery_values.hpp"
#include "storage/packed_trace.hpp"
#include "storage/packing/packed_text.hpp"
#include "storage/sql_text.hpp"

#include <utility>

namespace postern::storage {
namespace {

constexpr char kColumns[] =
    "id, account_id, livemode, type, gateway, inbox_id, gateway_event_id, gateway_event_type,"
    " created_at, object, kind, own_type, external_id, channels, subject_id, stripe_type,"
    " request_id, idempotency_key, snapshots, trace";
constexpr auto kSelect = sql_text("SELECT ", kColumns, " FROM events");

constexpr auto kFindText = sql_text("SELECT ", kColumns, " FROM events WHERE id = $1");
constexpr Sql kFindSql{kFindText.data()};

constexpr auto kFindByExternalIdText = sql_text(
    "SELECT ",
    kColumns,
    " FROM events WHERE account_id = $1 AND livemode = $2 AND external_id = $3 AND external_id <> "
    "''"
);
constexpr Sql kFindByExternalIdSql{kFindByExternalIdText.data()};

constexpr auto kInsertText = sql_text(
    "INSERT INTO events (",
    kColumns,
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20)"
);
constexpr Sql kInsertSql{kInsertText.data()};

constexpr Sql kCorrectSql{
    "UPDATE events SET account_id = $1, livemode = $2, object = '', subject_id = $3,"
    " stripe_type = $4, snapshots = $5 WHERE id = $6"};
constexpr Sql kWithdrawSql{"DELETE FROM events WHERE id = $1"};

// The object, its Stripe form and what changed of it, packed together: they say much the same.
struct Snapshots {
    std::string_view object;
    std::string_view stripe_object;
    std::string_view stripe_previous;
};
constexpr char kBetweenSnapshots = '\0';  // no JSON holds it

std::string pack(const Snapshots& snapshots) {
    std::string text;
    text.reserve(
        snapshots.object.size() + snapshots.stripe_object.size() + snapshots.stripe_previous.size()
        + 2
    );
    text.append(snapshots.object).append(1, kBetweenSnapshots);
    text.append(snapshots.stripe_object).append(1, kBetweenSnapshots);
    text.append(snapshots.stripe_previous);
    return pack_text(text);
}

// A row as it is stored: what is packed must be unpacked, which fails where it is damaged.
struct StoredEvent {
    EventRow row;
    std::string packed;  // empty: ingest wrote the object as it is
};

Result<EventRow, StoreError> unpacked(StoredEvent stored) {
    EventRow row = std::move(stored.row);
    if (stored.packed.empty()) return row;
    const auto text = unpack_text(stored.packed);
    if (!text) return text.error();
    const std::size_t first = text->find(kBetweenSnapshots);
    if (first == std::string::npos) return StoreError::failed;
    const std::size_t second = text->find(kBetweenSnapshots, first + 1);
    if (second == std::string::npos) return StoreError::failed;
    row.object = text->substr(0, first);
    row.stripe_object = text->substr(first + 1, second - first - 1);
    row.stripe_previous = text->substr(second + 1);
    return row;
}

StoredEvent read_row(const Query& query) {
    StoredEvent stored;
    EventRow& row = stored.row;
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
    row.subject = query.integer(14);
    row.stripe_type = query.text(15);
    row.request_id = query.text(16);
    row.idempotency_key = query.text(17);
    if (!query.is_null(18)) stored.packed = query.bytes(18);
    if (!query.is_null(19)) row.trace = unpack_trace(query.bytes(19));
    return stored;
}

Result<std::optional<EventRow>, StoreError> read_one(Query& query) {
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<EventRow>{};
    auto row = unpacked(read_row(query));
    if (!row) return row.error();
    return std::optional<EventRow>{std::move(*row)};
}

// Pending, waiting or dead; what nobody wants any more is not missed.
constexpr std::string_view kSomewhereMissing =
    "EXISTS (SELECT 1 FROM deliveries WHERE deliveries.event_id = events.id"
    " AND deliveries.state IN (0, 1, 3))";
constexpr std::string_view kNowhereMissing =
    "NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.event_id = events.id"
    " AND deliveries.state IN (0, 1, 3))";
static_assert(static_cast<int>(DeliveryState::pending) == 0);
static_assert(static_cast<int>(DeliveryState::waiting) == 1);
static_assert(static_cast<int>(DeliveryState::dead) == 3);

ListQuery list_query(const EventFilter& filter) {
    ListQuery list;
    if (filter.account) list.where("account_id =", filter.account->value);
    if (filter.livemode) list.where("livemode =", static_cast<std::int64_t>(*filter.livemode));
    if (filter.type) {
        // Events of other kinds have no type of ours, whatever the column holds.
        list.where("type =", static_cast<std::int64_t>(*filter.type));
        list.also("kind = 0");
    }
    if (!filter.own_type.empty()) {
        list.where_text("own_type =", filter.own_type);
        list.also("kind = 3");
    }
    if (filter.kinds == EventFilter::Kinds::of_payments) list.also("kind IN (0, 3)");
    if (filter.kind) list.where("kind =", static_cast<std::int64_t>(*filter.kind));
    // A partial index is used only when the statement repeats its condition word for word.
    if (filter.kind && *filter.kind != StoredEventKind::unified) list.also("kind <> 0");
    if (filter.gateway) list.where("gateway =", filter.gateway->value);
    if (filter.arrival == EventFilter::Arrival::everywhere) list.also(kNowhereMissing);
    if (filter.arrival == EventFilter::Arrival::not_everywhere) list.also(kSomewhereMissing);
    list.between(filter.since, filter.until);
    return list;
}
static_assert(static_cast<int>(StoredEventKind::unified) == 0);
static_assert(static_cast<int>(StoredEventKind::stripe) == 3);

}  // namespace

Result<Page<EventRow>, StoreError>
list_events(Connection& connection, const EventFilter& filter, const PageRequest<EventId>& page) {
    ListQuery list = list_query(filter);
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    auto query = connection.query(list.text(kSelect.data()));
    list.bind_to(query, page.rows_max);
    auto stored = read_page<StoredEvent>(query, page.rows_max, read_row);
    if (!stored) return stored.error();
    Page<EventRow> events;
    events.more = static_cast<Page<EventRow>::More>(stored->more);
    events.rows.reserve(stored->rows.size());
    for (StoredEvent& one : stored->rows) {
        auto row = unpacked(std::move(one));
        if (!row) return row.error();
        events.rows.push_back(std::move(*row));
    }
    return events;
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
    const std::string snapshots = pack({row.object, row.stripe_object, row.stripe_previous});
    const PackedTrace trace{row.trace};
    auto query = transaction.query(kInsertSql);
    query.bind(row.id.value).bind(row.account.value);
    query.bind(static_cast<std::int64_t>(row.livemode)).bind(static_cast<std::int64_t>(row.type));
    query.bind(row.gateway.value).bind(row.inbox.value).bind(row.gateway_event_id);
    query.bind(row.gateway_event_type).bind(row.created_at).bind(std::string_view{});
    query.bind(static_cast<std::int64_t>(row.kind)).bind(row.own_type).bind(row.external_id);
    query.bind(row.channels).bind(row.subject).bind(row.stripe_type);
    query.bind(row.request_id).bind(row.idempotency_key).bind(Blob{snapshots});
    query.bind(trace.blob());
    return query.run();
}

Result<void, StoreError>
correct_event(Transaction& transaction, const EventCorrection& correction) {
    const std::string snapshots = pack({correction.object, correction.stripe_object, {}});
    auto query = transaction.query(kCorrectSql);
    query.bind(correction.account.value).bind(static_cast<std::int64_t>(correction.livemode));
    query.bind(correction.subject).bind(correction.stripe_type).bind(Blob{snapshots});
    query.bind(correction.id.value);
    return query.run();
}

Result<void, StoreError> withdraw_event(Transaction& transaction, EventId id) {
    auto query = transaction.query(kWithdrawSql);
    query.bind(id.value);
    return query.run();
}

}  // namespace postern::storage
