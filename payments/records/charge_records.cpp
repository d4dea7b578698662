#include "payments/records/details_json.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

namespace postern::payments {
namespace {

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, payment_id, status, captured, amount, currency,"
    " captured_amount, refunded, customer_id, method_id, balance_transaction_id, dispute_id,"
    " gateway_charge_id, created_at, details FROM charges";

constexpr storage::Sql kInsertSql{
    "INSERT INTO charges (id, account_id, livemode, payment_id, status, captured, amount,"
    " currency, captured_amount, refunded, customer_id, method_id, balance_transaction_id,"
    " dispute_id, gateway_charge_id, created_at, details)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"};

// Who paid what for which payment stays as it was.
constexpr storage::Sql kUpdateSql{
    "UPDATE charges SET status = $1, captured = $2, captured_amount = $3, refunded = $4,"
    " balance_transaction_id = $5, dispute_id = $6, gateway_charge_id = $7, details = $8"
    " WHERE id = $9"};

constexpr auto kFindText =
    storage::sql_text(kSelect, " WHERE id = $1 AND account_id = $2 AND livemode = $3");
constexpr storage::Sql kFindSql{kFindText.data()};

std::string details_text(const Charge& charge) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    writer.member_integer("method_type", stored(charge.method_type));
    write_member(writer, "error", charge.error);
    write_member(writer, "card", charge.card);
    write_member(writer, "bank", charge.bank);
    write_member(writer, "billing", charge.billing);
    writer.member_integer("three_d_secure", stored(charge.three_d_secure));
    writer.end_object();
    return text;
}

void read_details(const JsonValue& root, Charge& charge) {
    charge.method_type = static_cast<MethodType>(root["method_type"].integer().value_or(0));
    read_member(root, "error", charge.error);
    read_member(root, "card", charge.card);
    read_member(root, "bank", charge.bank);
    read_member(root, "billing", charge.billing);
    charge.three_d_secure =
        static_cast<Charge::ThreeDSecure>(root["three_d_secure"].integer().value_or(0));
}

Result<Charge, StoreError> read_row(const storage::Query& query) {
    const auto currency = Currency::parse(query.text(7));
    const auto details = parse_details(query.text(16));
    if (!currency || !details) return StoreError::failed;
    Charge charge;
    charge.id = ChargeId{query.integer(0)};
    charge.owner = read_owner(query, 1);
    charge.payment = PaymentId{query.integer(3)};
    charge.status = static_cast<Charge::Status>(query.integer(4));
    charge.captured = static_cast<Charge::Captured>(query.integer(5));
    charge.amount = {query.integer(6), *currency};
    charge.captured_minor = query.integer(8);
    charge.refunded_minor = query.integer(9);
    charge.customer = read_optional_id<CustomerId>(query, 10);
    charge.method = read_optional_id<PaymentMethodId>(query, 11);
    charge.balance_transaction = read_optional_id<BalanceTransactionId>(query, 12);
    charge.dispute = read_optional_id<DisputeId>(query, 13);
    charge.gateway_charge_id = query.text(14);
    charge.created_at = query.time(15);
    read_details(details->root(), charge);
    return charge;
}

}  // namespace

Result<void, StoreError> insert_charge(Transaction& transaction, Charge& charge) {
    if (charge.id.value == 0) charge.id = ChargeId{transaction.next_id()};
    charge.created_at = transaction.now();
    const std::string details = details_text(charge);
    auto query = transaction.query(kInsertSql);
    bind_owner(query.bind(charge.id.value), charge.owner).bind(charge.payment.value);
    query.bind(stored(charge.status)).bind(stored(charge.captured)).bind(charge.amount.minor);
    query.bind(charge.amount.currency.lower()).bind(charge.captured_minor);
    query.bind(charge.refunded_minor).bind(stored_id(charge.customer));
    query.bind(stored_id(charge.method)).bind(stored_id(charge.balance_transaction));
    query.bind(stored_id(charge.dispute)).bind(charge.gateway_charge_id);
    query.bind(charge.created_at).bind(details);
    return query.run();
}

Result<void, StoreError> update_charge(Transaction& transaction, const Charge& charge) {
    const std::string details = details_text(charge);
    auto query = transaction.query(kUpdateSql);
    query.bind(stored(charge.status)).bind(stored(charge.captured)).bind(charge.captured_minor);
    query.bind(charge.refunded_minor).bind(stored_id(charge.balance_transaction));
    query.bind(stored_id(charge.dispute)).bind(charge.gateway_charge_id).bind(details);
    query.bind(charge.id.value);
    return query.run();
}

Result<std::optional<Charge>, StoreError>
find_charge(Connection& connection, Owner owner, ChargeId id) {
    auto query = connection.query(kFindSql);
    bind_owner(query.bind(id.value), owner);
    return read_one(query, read_row);
}

Result<storage::Page<Charge>, StoreError> list_charges(
    Connection& connection,
    const ChargeFilter& filter,
    const storage::PageRequest<ChargeId>& page
) {
    storage::ListQuery list;
    if (filter.payment || filter.customer) {
        where_owner_checked(list, filter.owner);
    } else {
        where_owner(list, filter.owner);
    }
    if (filter.payment) list.where("payment_id =", filter.payment->value);
    if (filter.customer)
        list.where(filter.payment ? "+customer_id =" : "customer_id =", filter.customer->value);
    where_created(list, filter.created_from, filter.created_until);
    list.after(stored_id(page.after), page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_rows_of_page<Charge>(query, page.rows_max, read_row);
}

}  // namespace postern::payments
