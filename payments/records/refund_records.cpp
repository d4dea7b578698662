#include "payments/records/details_json.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

namespace postern::payments {
namespace {

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, payment_id, charge_id, status, amount, currency,"
    " gateway_refund_id, balance_transaction_id, created_at, updated_at, details FROM refunds";

constexpr storage::Sql kInsertSql{
    "INSERT INTO refunds (id, account_id, livemode, payment_id, charge_id, status, amount,"
    " currency, gateway, gateway_refund_id, balance_transaction_id, created_at, updated_at,"
    " details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};

constexpr storage::Sql kUpdateSql{
    "UPDATE refunds SET status = $1, gateway_refund_id = $2, balance_transaction_id = $3,"
    " updated_at = $4, details = $5 WHERE id = $6"};

constexpr auto kFindText =
    storage::sql_text(kSelect, " WHERE id = $1 AND account_id = $2 AND livemode = $3");
constexpr storage::Sql kFindSql{kFindText.data()};

// A partial index is used only when the statement repeats its condition.
constexpr auto kFindByGatewayIdText = storage::sql_text(
    kSelect,
    " WHERE gateway = $1 AND gateway_refund_id = $2 AND gateway_refund_id <> ''"
    " ORDER BY id LIMIT 1"
);
constexpr storage::Sql kFindByGatewayIdSql{kFindByGatewayIdText.data()};

constexpr auto kOfPaymentText = storage::sql_text(kSelect, " WHERE payment_id = $1 ORDER BY id");
constexpr storage::Sql kOfPaymentSql{kOfPaymentText.data()};

std::string details_text(const Refund& refund) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    write_member(writer, "reason", refund.reason);
    write_member(writer, "failure_reason", refund.failure_reason);
    write_member(writer, "metadata", refund.metadata);
    writer.end_object();
    return text;
}

Result<Refund, StoreError> read_row(const storage::Query& query) {
    const auto currency = Currency::parse(query.text(7));
    const auto details = parse_details(query.text(12));
    if (!currency || !details) return StoreError::failed;
    Refund refund;
    refund.id = RefundId{query.integer(0)};
    refund.owner = read_owner(query, 1);
    refund.payment = PaymentId{query.integer(3)};
    refund.charge = ChargeId{query.integer(4)};
    refund.status = static_cast<RefundStatus>(query.integer(5));
    refund.amount = {query.integer(6), *currency};
    refund.gateway_refund_id = query.text(8);
    refund.balance_transaction = read_optional_id<BalanceTransactionId>(query, 9);
    refund.created_at = query.time(10);
    refund.updated_at = query.time(11);
    const JsonValue root = details->root();
    read_member(root, "reason", refund.reason);
    read_member(root, "failure_reason", refund.failure_reason);
    read_member(root, "metadata", refund.metadata);
    return refund;
}

}  // namespace

Result<void, StoreError>
insert_refund(Transaction& transaction, Refund& refund, storage::GatewayNumber gateway) {
    if (refund.id.value == 0) refund.id = RefundId{transaction.next_id()};
    refund.created_at = transaction.now();
    refund.updated_at = transaction.now();
    const std::string details = details_text(refund);
    auto query = transaction.query(kInsertSql);
    bind_owner(query.bind(refund.id.value), refund.owner).bind(refund.payment.value);
    query.bind(refund.charge.value).bind(stored(refund.status)).bind(refund.amount.minor);
    query.bind(refund.amount.currency.lower()).bind(gateway.value);
    query.bind(refund.gateway_refund_id).bind(stored_id(refund.balance_transaction));
    query.bind(refund.created_at).bind(refund.updated_at).bind(details);
    return query.run();
}

Result<void, StoreError> update_refund(Transaction& transaction, Refund& refund) {
    refund.updated_at = transaction.now();
    const std::string details = details_text(refund);
    auto query = transaction.query(kUpdateSql);
    query.bind(stored(refund.status)).bind(refund.gateway_refund_id);
    query.bind(stored_id(refund.balance_transaction)).bind(refund.updated_at).bind(details);
    query.bind(refund.id.value);
    return query.run();
}

Result<std::optional<Refund>, StoreError>
find_refund(Connection& connection, Owner owner, RefundId id) {
    auto query = connection.query(kFindSql);
    bind_owner(query.bind(id.value), owner);
    return read_one(query, read_row);
}

Result<std::optional<Refund>, StoreError>
find_refund_by_gateway_id(Connection& connection, const GatewayObject& which) {
    auto query = connection.query(kFindByGatewayIdSql);
    query.bind(which.gateway.value).bind(which.id);
    return read_one(query, read_row);
}

Result<storage::Page<Refund>, StoreError> list_refunds(
    Connection& connection,
    const RefundFilter& filter,
    const storage::PageRequest<RefundId>& page
) {
    storage::ListQuery list;
    if (filter.payment || filter.charge) {
        where_owner_checked(list, filter.owner);
    } else {
        where_owner(list, filter.owner);
    }
    if (filter.payment) list.where("payment_id =", filter.payment->value);
    if (filter.charge)
        list.where(filter.payment ? "+charge_id =" : "charge_id =", filter.charge->value);
    where_created(list, filter.created_from, filter.created_until);
    list.after(stored_id(page.after), page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_rows_of_page<Refund>(query, page.rows_max, read_row);
}

Result<std::vector<Refund>, StoreError> refunds_of(Connection& connection, PaymentId payment) {
    auto query = connection.query(kOfPaymentSql);
    query.bind(payment.value);
    return read_all(query, read_row);
}

}  // namespace postern::payments
