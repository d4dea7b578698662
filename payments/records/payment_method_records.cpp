#include "payments/records/customer_records.hpp"
#include "payments/records/details_json.hpp"
#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

namespace postern::payments {
namespace {

using storage::Blob;
using storage::ListQuery;
using storage::Page;
using storage::PageRequest;
using storage::Query;
using storage::Sql;
using storage::sql_text;
using State = PaymentMethod::State;

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, type, state, customer_id, created_at, gateway_token, vault,"
    " details FROM payment_methods";

constexpr auto kFindText =
    sql_text(kSelect, " WHERE id = $1 AND account_id = $2 AND livemode = $3");
constexpr Sql kFindSql{kFindText.data()};

constexpr Sql kInsertSql{
    "INSERT INTO payment_methods (id, account_id, livemode, type, state, customer_id, fingerprint,"
    " created_at, gateway_token, vault, details)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};

constexpr Sql kUpdateSql{
    "UPDATE payment_methods SET state = $1, customer_id = $2, gateway_token = $3, vault = $4,"
    " details = $5 WHERE id = $6"};

std::string details_text(const PaymentMethod& method) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    write_member(writer, "card", method.card);
    write_member(writer, "bank", method.bank);
    write_member(writer, "billing", method.billing);
    write_member(writer, "metadata", method.metadata);
    writer.end_object();
    return text;
}

std::string_view fingerprint_of(const PaymentMethod& method) {
    if (method.card) return method.card->fingerprint;
    return method.bank ? std::string_view{method.bank->fingerprint} : std::string_view{};
}

// What pays no more is kept for its history; its number is not.
std::string_view vault_of(const PaymentMethod& method) {
    const bool may_pay = method.state == State::usable || method.state == State::reusable;
    return may_pay ? std::string_view{method.vault} : std::string_view{};
}

Result<void, StoreError> read_details(std::string_view text, PaymentMethod& method) {
    const auto document = parse_details(text);
    if (!document) return document.error();
    const JsonValue details = document->root();
    read_member(details, "card", method.card);
    read_member(details, "bank", method.bank);
    read_member(details, "billing", method.billing);
    read_member(details, "metadata", method.metadata);
    return {};
}

Result<PaymentMethod, StoreError> read_row(const Query& query) {
    PaymentMethod method;
    method.id = PaymentMethodId{query.integer(0)};
    method.owner = read_owner(query, 1);
    method.type = static_cast<MethodType>(query.integer(3));
    method.state = static_cast<State>(query.integer(4));
    method.customer = read_optional_id<CustomerId>(query, 5);
    method.created_at = query.time(6);
    method.gateway_token = query.text(7);
    method.vault = query.bytes(8);
    if (const auto read = read_details(query.text(9), method); !read) return read.error();
    return method;
}

}  // namespace

Result<void, StoreError> insert_payment_method(Transaction& transaction, PaymentMethod& method) {
    if (method.id.value == 0) method.id = PaymentMethodId{transaction.next_id()};
    method.created_at = transaction.now();
    const std::string details = details_text(method);
    auto query = transaction.query(kInsertSql);
    bind_owner(query.bind(method.id.value), method.owner).bind(stored(method.type));
    query.bind(stored(method.state)).bind(stored_id(method.customer));
    query.bind(fingerprint_of(method)).bind(method.created_at).bind(method.gateway_token);
    query.bind(Blob{vault_of(method)}).bind(details);
    return query.run();
}

Result<void, StoreError>
update_payment_method(Transaction& transaction, const PaymentMethod& method) {
    const std::string details = details_text(method);
    auto query = transaction.query(kUpdateSql);
    query.bind(stored(method.state)).bind(stored_id(method.customer)).bind(method.gateway_token);
    query.bind(Blob{vault_of(method)}).bind(details).bind(method.id.value);
    return query.run();
}

Result<std::optional<PaymentMethod>, StoreError>
find_payment_method(Connection& connection, Owner owner, PaymentMethodId id) {
    auto query = connection.query(kFindSql);
    bind_owner(query.bind(id.value), owner);
    return read_one(query, read_row);
}

Result<Page<PaymentMethod>, StoreError> list_payment_methods(
    Connection& connection,
    const MethodFilter& filter,
    const PageRequest<PaymentMethodId>& page
) {
    static_assert(static_cast<int>(State::usable) == 0 && static_cast<int>(State::reusable) == 3);
    static_assert(static_cast<int>(MethodType::card) == 0);
    ListQuery list;
    if (filter.customer) {
        list.where("customer_id =", filter.customer->value);
        // The plus keeps the planner from the owner's index: a customer has few, an owner many.
        list.where("+account_id =", filter.owner.account.value);
        list.where("+livemode =", stored(filter.owner.livemode));
    } else {
        where_owner(list, filter.owner);
    }
    list.also("state IN (0, 3)");  // as the owner's index says it
    if (filter.type) {
        list.where("type =", stored(*filter.type));
        if (*filter.type != MethodType::card) list.also("type <> 0");  // has an index
    }
    list.after(stored_id(page.after), page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_rows_of_page<PaymentMethod>(query, page.rows_max, read_row);
}

}  // namespace postern::payments
