#include "payments/records/details_json.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

namespace postern::payments {
namespace {

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, payment_id, charge_id, status, amount, currency,"
    " gateway_dispute_id, withdrawn_id, reinstated_id, submissions, due_by, created_at,"
    " updated_at, closed_at, details FROM disputes";

constexpr storage::Sql kInsertSql{
    "INSERT INTO disputes (id, account_id, livemode, payment_id, charge_id, status, amount,"
    " currency, gateway, gateway_dispute_id, withdrawn_id, reinstated_id, submissions, due_by,"
    " created_at, updated_at, closed_at, details)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"};

constexpr storage::Sql kUpdateSql{
    "UPDATE disputes SET status = $1, gateway_dispute_id = $2, withdrawn_id = $3,"
    " reinstated_id = $4, submissions = $5, due_by = $6, updated_at = $7, closed_at = $8,"
    " details = $9 WHERE id = $10"};

constexpr auto kFindText =
    storage::sql_text(kSelect, " WHERE id = $1 AND account_id = $2 AND livemode = $3");
constexpr storage::Sql kFindSql{kFindText.data()};

// A partial index is used only when the statement repeats its condition.
constexpr auto kFindByGatewayIdText = storage::sql_text(
    kSelect,
    " WHERE gateway = $1 AND gateway_dispute_id = $2 AND gateway_dispute_id <> ''"
    " ORDER BY id LIMIT 1"
);
constexpr storage::Sql kFindByGatewayIdSql{kFindByGatewayIdText.data()};

std::string details_text(const Dispute& dispute) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    write_member(writer, "reason", dispute.reason);
    write_member(writer, "evidence", dispute.evidence);
    write_member(writer, "metadata", dispute.metadata);
    writer.end_object();
    return text;
}

void read_progress(const storage::Query& query, Dispute& dispute) {
    dispute.withdrawn = read_optional_id<BalanceTransactionId>(query, 9);
    dispute.reinstated = read_optional_id<BalanceTransactionId>(query, 10);
    dispute.submissions = query.integer(11);
    dispute.due_by = read_optional_time(query, 12);
    dispute.created_at = query.time(13);
    dispute.updated_at = query.time(14);
    dispute.closed_at = read_optional_time(query, 15);
}

Result<Dispute, StoreError> read_row(const storage::Query& query) {
    const auto currency = Currency::parse(query.text(7));
    const auto details = parse_details(query.text(16));
    if (!currency || !details) return StoreError::failed;
    Dispute dispute;
    dispute.id = DisputeId{query.integer(0)};
    dispute.owner = read_owner(query, 1);
    dispute.payment = PaymentId{query.integer(3)};
    dispute.charge = ChargeId{query.integer(4)};
    dispute.status = static_cast<DisputeStatus>(query.integer(5));
    dispute.amount = {query.integer(6), *currency};
    dispute.gateway_dispute_id = query.text(8);
    read_progress(query, dispute);
    const JsonValue root = details->root();
    read_member(root, "reason", dispute.reason);
    read_member(root, "evidence", dispute.evidence);
    read_member(root, "metadata", dispute.metadata);
    return dispute;
}

storage::ListQuery list_of(const DisputeFilter& filter) {
    storage::ListQuery list;
    const bool is_of_one = filter.payment || filter.charge;
    if (is_of_one) {
        where_owner_checked(list, filter.owner);
    } else {
        where_owner(list, filter.owner);
    }
    if (filter.payment) list.where("payment_id =", filter.payment->value);
    if (filter.charge)
        list.where(filter.payment ? "+charge_id =" : "charge_id =", filter.charge->value);
    if (filter.status) list.where(is_of_one ? "+status =" : "status =", stored(*filter.status));
    where_created(list, filter.created_from, filter.created_until);
    return list;
}

}  // namespace

Result<void, StoreError>
insert_dispute(Transaction& transaction, Dispute& dispute, storage::GatewayNumber gateway) {
    if (dispute.id.value == 0) dispute.id = DisputeId{transaction.next_id()};
    dispute.created_at = transaction.now();
    dispute.updated_at = transaction.now();
    const std::string details = details_text(dispute);
    auto query = transaction.query(kInsertSql);
    bind_owner(query.bind(dispute.id.value), dispute.owner).bind(dispute.payment.value);
    query.bind(dispute.charge.value).bind(stored(dispute.status)).bind(dispute.amount.minor);
    query.bind(dispute.amount.currency.lower()).bind(gateway.value);
    query.bind(dispute.gateway_dispute_id).bind(stored_id(dispute.withdrawn));
    query.bind(stored_id(dispute.reinstated)).bind(dispute.submissions).bind(dispute.due_by);
    query.bind(dispute.created_at).bind(dispute.updated_at).bind(dispute.closed_at);
    query.bind(details);
    return query.run();
}

Result<void, StoreError> update_dispute(Transaction& transaction, Dispute& dispute) {
    dispute.updated_at = transaction.now();
    const std::string details = details_text(dispute);
    auto query = transaction.query(kUpdateSql);
    query.bind(stored(dispute.status)).bind(dispute.gateway_dispute_id);
    query.bind(stored_id(dispute.withdrawn)).bind(stored_id(dispute.reinstated));
    query.bind(dispute.submissions).bind(dispute.due_by).bind(dispute.updated_at);
    query.bind(dispute.closed_at).bind(details).bind(dispute.id.value);
    return query.run();
}

Result<std::optional<Dispute>, StoreError>
find_dispute(Connection& connection, Owner owner, DisputeId id) {
    auto query = connection.query(kFindSql);
    bind_owner(query.bind(id.value), owner);
    return read_one(query, read_row);
}

Result<std::optional<Dispute>, StoreError>
find_dispute_by_gateway_id(Connection& connection, const GatewayObject& which) {
    auto query = connection.query(kFindByGatewayIdSql);
    query.bind(which.gateway.value).bind(which.id);
    return read_one(query, read_row);
}

Result<storage::Page<Dispute>, StoreError> list_disputes(
    Connection& connection,
    const DisputeFilter& filter,
    const storage::PageRequest<DisputeId>& page
) {
    storage::ListQuery list = list_of(filter);
    list.after(stored_id(page.after), page.order);
    list.skip(page.rows_skipped);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_rows_of_page<Dispute>(query, page.rows_max, read_row);
}

Result<std::int64_t, StoreError>
count_disputes(Connection& connection, const DisputeFilter& filter) {
    const storage::ListQuery list = list_of(filter);
    auto query = connection.query(list.text_of_all("SELECT COUNT(*) FROM disputes"));
    list.bind_to_all(query);
    return read_count(query);
}

}  // namespace postern::payments
