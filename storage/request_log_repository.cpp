#include "storage/request_log_repository.hpp"

#include "storage/sql_text.hpp"

namespace postern::storage {
namespace {

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, api_key_id, status, duration_us, created_at, method, path,"
    " request_id, idempotency_key, peer_address, error_code, parameters FROM request_log";

constexpr auto kFindText = sql_text(kSelect, " WHERE id = $1");
constexpr Sql kFindSql{kFindText.data()};

constexpr Sql kInsertSql{
    "INSERT INTO request_log (id, account_id, livemode, api_key_id, status, duration_us,"
    " created_at, method, path, request_id, idempotency_key, peer_address, error_code, parameters)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};

// A few at a time, since the writer serves nobody else meanwhile. The id tells the time.
constexpr Sql kForgetSql{
    "DELETE FROM request_log WHERE id IN"
    " (SELECT id FROM request_log WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3) RETURNING id"};
constexpr std::int64_t kForgetRowsMax = 256;

RequestLogRow read_row(const Query& query) {
    RequestLogRow row;
    row.id = RequestLogId{query.integer(0)};
    row.account = AccountId{query.integer(1)};
    row.livemode = static_cast<Livemode>(query.integer(2));
    row.api_key = ApiKeyId{query.integer(3)};
    row.status = query.integer(4);
    row.duration = std::chrono::microseconds{query.integer(5)};
    row.created_at = query.time(6);
    row.method = query.text(7);
    row.path = query.text(8);
    row.request_id = query.text(9);
    row.idempotency_key = query.text(10);
    row.peer_address = query.text(11);
    row.error_code = query.text(12);
    row.parameters = query.text(13);
    return row;
}

// The first text after all that begin with this one; paths have no byte that cannot grow.
std::string end_of_prefix(std::string prefix) {
    ++prefix.back();
    return prefix;
}

// The owner's rows from where the page begins, before what is looked for in them.
ListQuery rows_of(const RequestLogFilter& filter, const PageRequest<RequestLogId>& page) {
    ListQuery list;
    // The plus keeps the index of owners away where that of request ids finds the one row.
    list.where(filter.request_id ? "+account_id =" : "account_id =", filter.account.value);
    list.where("livemode =", static_cast<std::int64_t>(filter.livemode));
    list.between(filter.since, filter.until);
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    return list;
}

bool looks_for_something(const RequestLogFilter& filter) {
    return filter.status || filter.method || filter.path_prefix || filter.api_key;
}

// The last row that this page may look at; nullopt: it may look at all there are.
Result<std::optional<RequestLogId>, StoreError>
last_looked_at(Connection& connection, const RequestLogFilter& filter, const RequestLogWish& wish) {
    const std::optional<RequestLogId> all;
    // Without a filter every row is one of the page, and a request id finds its own.
    if (filter.request_id || !looks_for_something(filter)) return all;
    ListQuery list = rows_of(filter, wish.page);
    list.skip(wish.rows_looked_at_max - 1);
    auto query = connection.query(list.text("SELECT id FROM request_log"));
    list.bind_to(query, 1);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return all;
    const std::optional<RequestLogId> last{query.integer(0)};
    // A page that ends at the very last row has nothing after it.
    const auto another = query.step();
    if (!another) return another.error();
    return *another == Step::done ? all : last;
}

}  // namespace

Result<RequestLogId, StoreError>
insert_request_log(Transaction& transaction, const RequestLogRow& row) {
    const RequestLogId id{transaction.next_id()};
    auto query = transaction.query(kInsertSql);
    query.bind(id.value).bind(row.account.value).bind(static_cast<std::int64_t>(row.livemode));
    query.bind(row.api_key.value).bind(row.status).bind(std::int64_t{row.duration.count()});
    query.bind(row.created_at).bind(row.method).bind(row.path).bind(row.request_id);
    query.bind(row.idempotency_key).bind(row.peer_address).bind(row.error_code);
    query.bind(row.parameters);
    const auto done = query.run();
    if (!done) return done.error();
    return id;
}

Result<std::optional<RequestLogRow>, StoreError>
find_request_log(Connection& connection, RequestLogId id) {
    auto query = connection.query(kFindSql);
    query.bind(id.value);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<RequestLogRow>{};
    return std::optional<RequestLogRow>{read_row(query)};
}

Result<RequestLogPage, StoreError> list_request_log(
    Connection& connection,
    const RequestLogFilter& filter,
    const RequestLogWish& wish
) {
    const auto last = last_looked_at(connection, filter, wish);
    if (!last) return last.error();
    ListQuery list = rows_of(filter, wish.page);
    if (*last) {
        const bool newest_first = wish.page.order == Order::newest_first;
        list.where(newest_first ? "id >=" : "id <=", (*last)->value);
    }
    if (filter.status) {
        list.where("status >=", filter.status->first);
        list.where("status <=", filter.status->last);
    }
    if (filter.method) list.where_text("method =", *filter.method);
    if (filter.path_prefix && !filter.path_prefix->empty()) {
        list.where_text("path >=", *filter.path_prefix);
        list.where_text("path <", end_of_prefix(*filter.path_prefix));
    }
    if (filter.request_id) list.where_text("request_id =", *filter.request_id);
    if (filter.api_key) list.where("api_key_id =", filter.api_key->value);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, wish.page.rows_max);
    auto found = read_page<RequestLogRow>(query, wish.page.rows_max, read_row);
    if (!found) return found.error();
    RequestLogPage page{.rows = std::move(found->rows), .next = *last};
    if (found->more == Page<RequestLogRow>::More::yes) page.next = page.rows.back().id;
    return page;
}

Result<SweptRows, StoreError> forget_request_log(Transaction& transaction, const OldRows& old) {
    auto query = transaction.query(kForgetSql);
    query.bind(old.after).bind(first_id_at(old.before)).bind(kForgetRowsMax);
    return run_sweep(query, old);
}

}  // namespace postern::storage
