#include "payments/records/customer_records.hpp"

#include "payments/records/details_json.hpp"
#include "payments/records/owner_counts.hpp"
#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

namespace postern::payments {
namespace {

using storage::ListQuery;
using storage::Page;
using storage::PageRequest;
using storage::Query;
using storage::Sql;
using storage::sql_text;

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, external_id, email, default_method_id, methods, created_at,"
    " deleted_at, details FROM customers";

constexpr auto kFindText =
    sql_text(kSelect, " WHERE id = $1 AND account_id = $2 AND livemode = $3");
constexpr Sql kFindSql{kFindText.data()};

constexpr auto kFindByExternalIdText = sql_text(
    kSelect,
    " WHERE account_id = $1 AND livemode = $2 AND external_id = $3 AND external_id <> ''"
    " AND deleted_at IS NULL"
);
constexpr Sql kFindByExternalIdSql{kFindByExternalIdText.data()};

constexpr Sql kInsertSql{
    "INSERT INTO customers (id, account_id, livemode, external_id, email, default_method_id,"
    " methods, created_at, deleted_at, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};

constexpr Sql kUpdateSql{
    "UPDATE customers SET external_id = $1, email = $2, default_method_id = $3, methods = $4,"
    " details = $5 WHERE id = $6"};

// By itself, so that it tells whether the customer counted until now.
constexpr Sql kDeleteSql{
    "UPDATE customers SET deleted_at = $1 WHERE id = $2 AND deleted_at IS NULL"};

std::string details_text(const Customer& customer) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    write_member(writer, "name", customer.name);
    write_member(writer, "phone", customer.phone);
    write_member(writer, "description", customer.description);
    write_member(writer, "address", customer.address);
    write_member(writer, "shipping", customer.shipping);
    write_member(writer, "metadata", customer.metadata);
    writer.end_object();
    return text;
}

Result<void, StoreError> read_details(std::string_view text, Customer& customer) {
    const auto document = parse_details(text);
    if (!document) return document.error();
    const JsonValue details = document->root();
    read_member(details, "name", customer.name);
    read_member(details, "phone", customer.phone);
    read_member(details, "description", customer.description);
    read_member(details, "address", customer.address);
    read_member(details, "shipping", customer.shipping);
    read_member(details, "metadata", customer.metadata);
    return {};
}

Result<Customer, StoreError> read_row(const Query& query) {
    Customer customer;
    customer.id = CustomerId{query.integer(0)};
    customer.owner = read_owner(query, 1);
    customer.external_id = query.text(3);
    customer.email = query.text(4);
    customer.default_method = read_optional_id<PaymentMethodId>(query, 5);
    customer.methods = query.integer(6);
    customer.created_at = query.time(7);
    customer.deleted_at = read_optional_time(query, 8);
    if (const auto read = read_details(query.text(9), customer); !read) return read.error();
    return customer;
}

Result<void, StoreError> count_customer(Transaction& transaction, Owner owner, std::int64_t by) {
    const auto count = add_to_count(transaction, {owner, Counted::customers}, by);
    if (!count) return count.error();
    return {};
}

Result<void, StoreError> note_deletion(Transaction& transaction, const Customer& customer) {
    auto query = transaction.query(kDeleteSql);
    query.bind(customer.deleted_at).bind(customer.id.value);
    if (const auto done = query.run(); !done) return done;
    if (query.changed_rows() == 0) return {};
    return count_customer(transaction, customer.owner, -1);
}

}  // namespace

Result<void, StoreError> insert_customer(Transaction& transaction, Customer& customer) {
    if (customer.id.value == 0) customer.id = CustomerId{transaction.next_id()};
    customer.created_at = transaction.now();
    const std::string details = details_text(customer);
    auto query = transaction.query(kInsertSql);
    bind_owner(query.bind(customer.id.value), customer.owner);
    query.bind(customer.external_id).bind(customer.email).bind(stored_id(customer.default_method));
    query.bind(customer.methods).bind(customer.created_at).bind(customer.deleted_at).bind(details);
    if (const auto done = query.run(); !done) return done;
    if (customer.deleted_at) return {};
    return count_customer(transaction, customer.owner, 1);
}

Result<void, StoreError> update_customer(Transaction& transaction, const Customer& customer) {
    const std::string details = details_text(customer);
    auto query = transaction.query(kUpdateSql);
    query.bind(customer.external_id).bind(customer.email).bind(stored_id(customer.default_method));
    query.bind(customer.methods).bind(details).bind(customer.id.value);
    if (const auto done = query.run(); !done) return done;
    if (!customer.deleted_at) return {};
    return note_deletion(transaction, customer);
}

Result<std::optional<Customer>, StoreError>
find_customer(Connection& connection, Owner owner, CustomerId id) {
    auto query = connection.query(kFindSql);
    bind_owner(query.bind(id.value), owner);
    return read_one(query, read_row);
}

Result<std::optional<Customer>, StoreError>
find_customer_by_external_id(Connection& connection, Owner owner, std::string_view external_id) {
    auto query = connection.query(kFindByExternalIdSql);
    bind_owner(query, owner).bind(external_id);
    return read_one(query, read_row);
}

Result<Page<Customer>, StoreError> list_customers(
    Connection& connection,
    const CustomerFilter& filter,
    const PageRequest<CustomerId>& page
) {
    ListQuery list;
    where_owner(list, filter.owner);
    if (!filter.email.empty()) {
        list.where_text("email =", filter.email);
        list.also("email <> ''");  // the index is of those that have one
    }
    list.also("deleted_at IS NULL");
    where_created(list, filter.created_from, filter.created_until);
    list.after(stored_id(page.after), page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_rows_of_page<Customer>(query, page.rows_max, read_row);
}

Result<std::int64_t, StoreError> count_customers(Connection& connection, Owner owner) {
    return read_count(connection, {owner, Counted::customers});
}

}  // namespace postern::payments
