#include "payments/records/details_json.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/read_currency.hpp"
#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

namespace postern::payments {
namespace {

using storage::GatewayNumber;
using storage::ListQuery;
using storage::Page;
using storage::PageRequest;
using storage::Query;
using storage::Sql;
using storage::sql_text;

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, status, amount, currency, method, origin, gateway,"
    " gateway_payout_id, arrival_at, balance_transaction_id, failure_transaction_id, created_at,"
    " updated_at, details FROM payouts";

constexpr auto kFindText =
    sql_text(kSelect, " WHERE id = $1 AND account_id = $2 AND livemode = $3");
constexpr Sql kFindSql{kFindText.data()};

constexpr auto kFindByGatewayIdText =
    sql_text(kSelect, " WHERE gateway = $1 AND gateway_payout_id = $2 AND gateway_payout_id <> ''");
constexpr Sql kFindByGatewayIdSql{kFindByGatewayIdText.data()};

constexpr Sql kInsertSql{
    "INSERT INTO payouts (id, account_id, livemode, status, amount, currency, method, origin,"
    " gateway, gateway_payout_id, arrival_at, balance_transaction_id, failure_transaction_id,"
    " created_at, updated_at, details)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"};

constexpr Sql kUpdateSql{
    "UPDATE payouts SET status = $1, gateway_payout_id = $2, arrival_at = $3,"
    " balance_transaction_id = $4, failure_transaction_id = $5, updated_at = $6, details = $7"
    " WHERE id = $8"};

std::string details_text(const Payout& payout) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    write_member(writer, "destination", payout.destination);
    write_member(writer, "description", payout.description);
    write_member(writer, "statement_descriptor", payout.statement_descriptor);
    write_member(writer, "failure_code", payout.failure_code);
    write_member(writer, "metadata", payout.metadata);
    writer.end_object();
    return text;
}

Result<void, StoreError> read_details(std::string_view text, Payout& payout) {
    const auto document = parse_details(text);
    if (!document) return document.error();
    const JsonValue details = document->root();
    read_member(details, "destination", payout.destination);
    read_member(details, "description", payout.description);
    read_member(details, "statement_descriptor", payout.statement_descriptor);
    read_member(details, "failure_code", payout.failure_code);
    read_member(details, "metadata", payout.metadata);
    return {};
}

Result<Payout, StoreError> read_row(const Query& query) {
    const auto currency = read_currency(query, 5);
    if (!currency) return currency.error();
    Payout payout;
    payout.id = PayoutId{query.integer(0)};
    payout.owner = read_owner(query, 1);
    payout.status = static_cast<PayoutStatus>(query.integer(3));
    payout.amount = {query.integer(4), *currency};
    payout.method = static_cast<Payout::Method>(query.integer(6));
    payout.origin = static_cast<Payout::Origin>(query.integer(7));
    payout.gateway = GatewayNumber{query.integer(8)};
    payout.gateway_payout_id = query.text(9);
    payout.arrival_at = query.time(10);
    payout.balance_transaction = read_optional_id<BalanceTransactionId>(query, 11);
    payout.failure_transaction = read_optional_id<BalanceTransactionId>(query, 12);
    payout.created_at = query.time(13);
    payout.updated_at = query.time(14);
    if (const auto read = read_details(query.text(15), payout); !read) return read.error();
    return payout;
}

ListQuery conditions_of(const PayoutFilter& filter) {
    ListQuery list;
    where_owner(list, filter.owner);
    if (filter.status) list.where("status =", stored(*filter.status));
    where_created(list, filter.created_from, filter.created_until);
    if (filter.arrival_from) {
        list.where("arrival_at >=", unix_microseconds(*filter.arrival_from));
    }
    if (filter.arrival_until) {
        list.where("arrival_at <", unix_microseconds(*filter.arrival_until));
    }
    return list;
}

}  // namespace

Result<void, StoreError> insert_payout(Transaction& transaction, Payout& payout) {
    if (payout.id.value == 0) payout.id = PayoutId{transaction.next_id()};
    payout.created_at = transaction.now();
    payout.updated_at = transaction.now();
    const std::string details = details_text(payout);
    auto query = transaction.query(kInsertSql);
    bind_owner(query.bind(payout.id.value), payout.owner).bind(stored(payout.status));
    query.bind(payout.amount.minor).bind(payout.amount.currency.lower());
    query.bind(stored(payout.method)).bind(stored(payout.origin)).bind(payout.gateway.value);
    query.bind(payout.gateway_payout_id).bind(payout.arrival_at);
    query.bind(stored_id(payout.balance_transaction)).bind(stored_id(payout.failure_transaction));
    query.bind(payout.created_at).bind(payout.updated_at).bind(details);
    return query.run();
}

Result<void, StoreError> update_payout(Transaction& transaction, Payout& payout) {
    payout.updated_at = transaction.now();
    const std::string details = details_text(payout);
    auto query = transaction.query(kUpdateSql);
    query.bind(stored(payout.status)).bind(payout.gateway_payout_id).bind(payout.arrival_at);
    query.bind(stored_id(payout.balance_transaction)).bind(stored_id(payout.failure_transaction));
    query.bind(payout.updated_at).bind(details).bind(payout.id.value);
    return query.run();
}

Result<std::optional<Payout>, StoreError>
find_payout(Connection& connection, Owner owner, PayoutId id) {
    auto query = connection.query(kFindSql);
    bind_owner(query.bind(id.value), owner);
    return read_one(query, read_row);
}

Result<std::optional<Payout>, StoreError>
find_payout_by_gateway_id(Connection& connection, const GatewayObject& which) {
    auto query = connection.query(kFindByGatewayIdSql);
    query.bind(which.gateway.value).bind(which.id);
    return read_one(query, read_row);
}

Result<Page<Payout>, StoreError> list_payouts(
    Connection& connection,
    const PayoutFilter& filter,
    const PageRequest<PayoutId>& page
) {
    ListQuery list = conditions_of(filter);
    list.after(stored_id(page.after), page.order);
    list.skip(page.rows_skipped);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_rows_of_page<Payout>(query, page.rows_max, read_row);
}

Result<std::int64_t, StoreError> count_payouts(Connection& connection, const PayoutFilter& filter) {
    const ListQuery list = conditions_of(filter);
    auto query = connection.query(list.text_of_all("SELECT COUNT(*) FROM payouts"));
    list.bind_to_all(query);
    return read_count(query);
}

}  // namespace postern::payments
