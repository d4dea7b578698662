#include "payments/records/gateway_records.hpp"

#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

namespace postern::payments {
namespace {

using storage::GatewayNumber;
using storage::Query;
using storage::Sql;
using storage::sql_text;
using storage::Step;

constexpr char kSelectOrder[] =
    "SELECT id, account_id, livemode, gateway, kind, payment_id, object_id, amount, asked, due_at,"
    " created_at FROM gateway_orders";
constexpr auto kFindOrderText = sql_text(kSelectOrder, " WHERE id = $1");
constexpr Sql kFindOrderSql{kFindOrderText.data()};
constexpr auto kDueOrdersText =
    sql_text(kSelectOrder, " WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2");
constexpr Sql kDueOrdersSql{kDueOrdersText.data()};
constexpr Sql kNextOrderSql{"SELECT due_at FROM gateway_orders ORDER BY due_at, id LIMIT 1"};
constexpr Sql kInsertOrderSql{
    "INSERT INTO gateway_orders (id, account_id, livemode, gateway, kind, payment_id, object_id,"
    " amount, asked, due_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};
// Which node made it stands in bits 14 to 19 of an id. Both statements name it so that only the
// index of nodes answers them: in that of all orders one would pass over those of other nodes.
static_assert(kIdSequenceBits == 14 && kIdNodeBits == 6);
constexpr auto kDueOrdersOfText = sql_text(
    kSelectOrder,
    " WHERE ((id >> 14) & 63) >= $1 AND (((id >> 14) & 63), due_at) <= ($1, $2)"
    " ORDER BY ((id >> 14) & 63), due_at, id LIMIT $3"
);
constexpr Sql kDueOrdersOfSql{kDueOrdersOfText.data()};
constexpr Sql kNextOrderOfSql{
    "SELECT due_at FROM gateway_orders WHERE ((id >> 14) & 63) >= $1 AND ((id >> 14) & 63) <= $1"
    " ORDER BY ((id >> 14) & 63), due_at, id LIMIT 1"};
constexpr Sql kPostponeOrderSql{
    "UPDATE gateway_orders SET due_at = $1, asked = asked + 1 WHERE id = $2"};
constexpr Sql kClaimOrderSql{
    "UPDATE gateway_orders SET due_at = $1, asked = asked + 1"
    " WHERE id = $2 AND asked = $3 AND due_at = $4"};
// One bit for each number of a node.
constexpr Sql kRecallOrdersSql{
    "UPDATE gateway_orders SET due_at = $1 WHERE asked > 0 AND due_at > $1"
    " AND ((CAST($2 AS BIGINT) >> CAST((id >> 14) & 63 AS INTEGER)) & 1) = 0"};
constexpr Sql kDeleteOrderSql{"DELETE FROM gateway_orders WHERE id = $1"};

constexpr char kSelectAction[] =
    "SELECT id, account_id, livemode, payment_id, kind, state, expires_at, created_at, return_url"
    " FROM sandbox_actions";
constexpr auto kFindActionText = sql_text(kSelectAction, " WHERE id = $1");
constexpr Sql kFindActionSql{kFindActionText.data()};
// 0: open. The number stands here because a partial index is used only for its own words.
constexpr auto kExpiredActionsText = sql_text(
    kSelectAction,
    " WHERE state = 0 AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2"
);
constexpr Sql kExpiredActionsSql{kExpiredActionsText.data()};
constexpr Sql kCloseActionSql{"UPDATE sandbox_actions SET state = $1 WHERE id = $2 AND state = 0"};
static_assert(static_cast<int>(ActionRow::State::open) == 0);
constexpr Sql kInsertActionSql{
    "INSERT INTO sandbox_actions (id, account_id, livemode, payment_id, kind, state, expires_at,"
    " created_at, return_url) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

constexpr Sql kDueMessagesSql{
    "SELECT id, gateway, due_at, tries, message FROM sandbox_messages"
    " WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2"};
constexpr Sql kNextMessageSql{"SELECT due_at FROM sandbox_messages ORDER BY due_at, id LIMIT 1"};
constexpr Sql kInsertMessageSql{
    "INSERT INTO sandbox_messages (id, gateway, due_at, tries, message)"
    " VALUES ($1, $2, $3, $4, $5)"};
constexpr Sql kPostponeMessageSql{
    "UPDATE sandbox_messages SET due_at = $1, tries = tries + 1 WHERE id = $2"};
constexpr Sql kDeleteMessageSql{"DELETE FROM sandbox_messages WHERE id = $1"};
// What waits is due within seconds, so there is little to look through.
constexpr Sql kWithdrawMessagesSql{
    "DELETE FROM sandbox_messages WHERE gateway = $1 AND message LIKE $2"};

Result<OrderRow, StoreError> read_order(const Query& query) {
    OrderRow order;
    order.id = OrderId{query.integer(0)};
    order.owner = read_owner(query, 1);
    order.gateway = GatewayNumber{query.integer(3)};
    order.kind = static_cast<OrderKind>(query.integer(4));
    order.payment = PaymentId{query.integer(5)};
    order.object = query.integer(6);
    order.minor = query.integer(7);
    order.asked = query.integer(8);
    order.due_at = query.time(9);
    order.created_at = query.time(10);
    return order;
}

Result<ActionRow, StoreError> read_action(const Query& query) {
    ActionRow action;
    action.id = ActionId{query.integer(0)};
    action.owner = read_owner(query, 1);
    action.payment = PaymentId{query.integer(3)};
    action.kind = static_cast<NextAction::Kind>(query.integer(4));
    action.state = static_cast<ActionRow::State>(query.integer(5));
    action.expires_at = query.time(6);
    action.created_at = query.time(7);
    action.return_url = query.text(8);
    return action;
}

Result<MessageRow, StoreError> read_message(const Query& query) {
    MessageRow row;
    row.id = query.integer(0);
    row.gateway = GatewayNumber{query.integer(1)};
    row.due_at = query.time(2);
    row.tries = query.integer(3);
    auto message = provider_message_from_json(query.text(4));
    if (!message) return StoreError::failed;  // we wrote it: the store is damaged
    row.message = std::move(*message);
    return row;
}

Result<std::optional<TimePoint>, StoreError> read_moment(Query query) {
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<TimePoint>{};
    return std::optional{query.time(0)};
}

}  // namespace

Result<void, StoreError> insert_order(Transaction& transaction, OrderRow& order) {
    if (order.id.value == 0) order.id = OrderId{transaction.next_id()};
    order.created_at = transaction.now();
    auto query = transaction.query(kInsertOrderSql);
    bind_owner(query.bind(order.id.value), order.owner).bind(order.gateway.value);
    query.bind(stored(order.kind)).bind(order.payment.value).bind(order.object);
    query.bind(order.minor).bind(order.asked).bind(order.due_at).bind(order.created_at);
    return query.run();
}

Result<std::optional<OrderRow>, StoreError> find_order(Connection& connection, OrderId id) {
    auto query = connection.query(kFindOrderSql);
    query.bind(id.value);
    return read_one(query, read_order);
}

Result<std::vector<OrderRow>, StoreError>
due_orders(Connection& connection, TimePoint now, std::size_t rows_max) {
    auto query = connection.query(kDueOrdersSql);
    query.bind(now).bind(static_cast<std::int64_t>(rows_max));
    return read_all(query, read_order);
}

Result<std::optional<TimePoint>, StoreError> next_order_at(Connection& connection) {
    return read_moment(connection.query(kNextOrderSql));
}

Result<std::vector<OrderRow>, StoreError>
due_orders_of(Connection& connection, const OrdersOfNode& question) {
    auto query = connection.query(kDueOrdersOfSql);
    query.bind(std::int64_t{question.node}).bind(question.now);
    query.bind(static_cast<std::int64_t>(question.rows_max));
    return read_all(query, read_order);
}

Result<std::optional<TimePoint>, StoreError> next_order_of(Connection& connection, unsigned node) {
    auto query = connection.query(kNextOrderOfSql);
    query.bind(std::int64_t{node});
    return read_moment(std::move(query));
}

Result<void, StoreError> postpone_order(Transaction& transaction, OrderId id, TimePoint due_at) {
    auto query = transaction.query(kPostponeOrderSql);
    query.bind(due_at).bind(id.value);
    return query.run();
}

Result<bool, StoreError>
claim_order(Transaction& transaction, const OrderRow& seen, TimePoint due_at) {
    auto query = transaction.query(kClaimOrderSql);
    query.bind(due_at).bind(seen.id.value).bind(seen.asked).bind(seen.due_at);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows() == 1;
}

Result<void, StoreError>
recall_orders(Transaction& transaction, std::span<const unsigned> not_of_nodes) {
    std::uint64_t nodes = 0;
    for (const unsigned number : not_of_nodes) nodes |= std::uint64_t{1} << number;
    auto query = transaction.query(kRecallOrdersSql);
    query.bind(transaction.now()).bind(static_cast<std::int64_t>(nodes));
    return query.run();
}

Result<void, StoreError> delete_order(Transaction& transaction, OrderId id) {
    auto query = transaction.query(kDeleteOrderSql);
    query.bind(id.value);
    return query.run();
}

Result<void, StoreError> insert_action(Transaction& transaction, ActionRow& action) {
    if (action.id.value == 0) action.id = ActionId{transaction.next_id()};
    action.created_at = transaction.now();
    auto query = transaction.query(kInsertActionSql);
    bind_owner(query.bind(action.id.value), action.owner).bind(action.payment.value);
    query.bind(stored(action.kind)).bind(stored(action.state)).bind(action.expires_at);
    query.bind(action.created_at).bind(action.return_url);
    return query.run();
}

Result<std::optional<ActionRow>, StoreError> find_action(Connection& connection, ActionId id) {
    auto query = connection.query(kFindActionSql);
    query.bind(id.value);
    return read_one(query, read_action);
}

Result<bool, StoreError>
close_action(Transaction& transaction, ActionId id, ActionRow::State state) {
    auto query = transaction.query(kCloseActionSql);
    query.bind(stored(state)).bind(id.value);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows() == 1;
}

Result<std::vector<ActionRow>, StoreError>
expired_actions(Connection& connection, TimePoint now, std::size_t rows_max) {
    auto query = connection.query(kExpiredActionsSql);
    query.bind(now).bind(static_cast<std::int64_t>(rows_max));
    return read_all(query, read_action);
}

Result<void, StoreError> insert_message(Transaction& transaction, MessageRow& row) {
    if (row.id == 0) row.id = transaction.next_id();
    const std::string message = to_json(row.message);
    auto query = transaction.query(kInsertMessageSql);
    query.bind(row.id).bind(row.gateway.value).bind(row.due_at).bind(row.tries).bind(message);
    return query.run();
}

Result<std::vector<MessageRow>, StoreError>
due_messages(Connection& connection, TimePoint now, std::size_t rows_max) {
    auto query = connection.query(kDueMessagesSql);
    query.bind(now).bind(static_cast<std::int64_t>(rows_max));
    return read_all(query, read_message);
}

Result<std::optional<TimePoint>, StoreError> next_message_at(Connection& connection) {
    return read_moment(connection.query(kNextMessageSql));
}

Result<void, StoreError>
postpone_message(Transaction& transaction, std::int64_t id, TimePoint due_at) {
    auto query = transaction.query(kPostponeMessageSql);
    query.bind(due_at).bind(id);
    return query.run();
}

Result<void, StoreError> delete_message(Transaction& transaction, std::int64_t id) {
    auto query = transaction.query(kDeleteMessageSql);
    query.bind(id);
    return query.run();
}

Result<void, StoreError> withdraw_messages(Transaction& transaction, const GatewayObject& about) {
    std::string pattern = "%\"";
    pattern.append(about.id).append("\"%");
    auto query = transaction.query(kWithdrawMessagesSql);
    query.bind(about.gateway.value).bind(pattern);
    return query.run();
}

}  // namespace postern::payments
