#include "payments/records/lookups.hpp"

#include "payments/records/rows.hpp"
#include "storage/event_repository.hpp"

namespace postern::payments {
namespace {

using storage::Query;
using storage::Sql;

constexpr Sql kOwnerSql{"SELECT account_id, livemode FROM payments WHERE id = $1"};

constexpr Sql kOpenOrdersSql{"SELECT id FROM gateway_orders WHERE payment_id = $1 ORDER BY id"};

// A payment is no younger than its hold. The number stands here because a partial index is used
// only for its own words.
constexpr Sql kHeldSql{
    "SELECT payments.id FROM payments JOIN charges ON charges.id = payments.charge_id"
    " WHERE payments.status = 4 AND payments.gateway = $1 AND payments.created_at <= $2"
    " AND charges.created_at <= $2 ORDER BY payments.created_at, payments.id LIMIT $3"};
static_assert(static_cast<int>(PaymentStatus::requires_capture) == 4);

// The partial index on subjects is used only where its own words stand.
constexpr Sql kTellingSql{
    "SELECT id, created_at FROM events WHERE subject_id = $1 AND subject_id <> 0"
    " AND kind = 0 AND type = $2 ORDER BY id DESC LIMIT $3"};
static_assert(static_cast<int>(storage::StoredEventKind::unified) == 0);

Result<Owner, StoreError> owner_in(const Query& query) {
    return read_owner(query, 0);
}
Result<OrderId, StoreError> order_id_in(const Query& query) {
    return OrderId{query.integer(0)};
}
Result<PaymentId, StoreError> payment_id_in(const Query& query) {
    return PaymentId{query.integer(0)};
}
Result<ToldEvent, StoreError> told_event_in(const Query& query) {
    return ToldEvent{EventId{query.integer(0)}, query.time(1)};
}

}  // namespace

Result<std::optional<Payment>, StoreError>
find_anyones_payment(Connection& connection, PaymentId id) {
    auto query = connection.query(kOwnerSql);
    query.bind(id.value);
    const auto owner = read_one(query, owner_in);
    if (!owner) return owner.error();
    if (!*owner) return std::optional<Payment>{};
    return find_payment(connection, **owner, id);
}

bool is_about_payment_itself(OrderKind kind) {
    return kind == OrderKind::authorize || kind == OrderKind::capture || kind == OrderKind::cancel
           || kind == OrderKind::complete;
}

Result<std::vector<OrderRow>, StoreError>
open_orders_of(Connection& connection, PaymentId payment) {
    auto query = connection.query(kOpenOrdersSql);
    query.bind(payment.value);
    const auto ids = read_all(query, order_id_in);
    if (!ids) return ids.error();
    std::vector<OrderRow> orders;
    for (const OrderId id : *ids) {
        auto order = find_order(connection, id);
        if (!order) return order.error();
        if (*order) orders.push_back(std::move(**order));
    }
    return orders;
}

Result<std::vector<PaymentId>, StoreError>
payments_held(Connection& connection, const HeldSince& since) {
    auto query = connection.query(kHeldSql);
    query.bind(since.gateway.value).bind(since.at);
    query.bind(static_cast<std::int64_t>(since.rows_max));
    return read_all(query, payment_id_in);
}

Result<std::vector<ToldEvent>, StoreError>
events_telling(Connection& connection, const TellingOf& what) {
    auto query = connection.query(kTellingSql);
    query.bind(what.subject).bind(stored(what.type));
    query.bind(static_cast<std::int64_t>(kToldEventsMax));
    return read_all(query, told_event_in);
}

}  // namespace postern::payments
