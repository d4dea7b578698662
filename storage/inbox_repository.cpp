#include "storage/inbox_repository.hpp"

#include "storage/ingest.hpp"

namespace postern::storage {
namespace {

constexpr std::string_view kListFrom =
    "SELECT id, account_id, livemode, gateway, verdict, reason, duplicate_of, received_at,"
    " gateway_event_id, event_ids, headers, body_sha256 FROM inbox";

constexpr Sql kFindSql{
    "SELECT id, account_id, livemode, gateway, verdict, reason, duplicate_of, received_at,"
    " gateway_event_id, event_ids, headers, body_sha256, body, trace FROM inbox"
    " WHERE id = $1"};
constexpr int kBodyColumn = 12;
constexpr int kTraceColumn = 13;

constexpr Sql kCorrectSql{
    "UPDATE inbox SET verdict = $1, reason = $2, event_ids = $3 WHERE id = $4"};
constexpr Sql kRelinkSql{
    "UPDATE inbox SET account_id = $1, livemode = $2, event_ids = $3 WHERE id = $4"};

// Few, because a body can be long. The id tells the time.
constexpr Sql kForgetSql{
    "DELETE FROM inbox WHERE id IN"
    " (SELECT id FROM inbox WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3) RETURNING id"};
constexpr std::int64_t kForgetRowsMax = 64;
constexpr std::int64_t kForgetRowsOfManyMax = 1024;  // a server does it beside its other work

InboxRow read_row_without_body(const Query& query) {
    InboxRow row;
    row.id = InboxId{query.integer(0)};
    row.account = AccountId{query.integer(1)};
    row.livemode = static_cast<Livemode>(query.integer(2));
    row.gateway = GatewayNumber{query.integer(3)};
    row.verdict = static_cast<Verdict>(query.integer(4));
    row.reason = query.text(5);
    if (!query.is_null(6)) row.duplicate_of = InboxId{query.integer(6)};
    row.received_at = query.time(7);
    row.gateway_event_id = query.text(8);
    row.event_ids = unpack_event_ids(query.bytes(9));
    row.headers = query.bytes(10);
    row.body_sha256 = query.bytes(11);
    return row;
}

}  // namespace

Result<Page<InboxRow>, StoreError>
list_inbox(Connection& connection, const InboxFilter& filter, const PageRequest<InboxId>& page) {
    ListQuery list;
    if (filter.account) list.where("account_id =", filter.account->value);
    if (filter.livemode) list.where("livemode =", static_cast<std::int64_t>(*filter.livemode));
    if (filter.gateway) list.where("gateway =", filter.gateway->value);
    if (filter.verdict) list.where("verdict =", static_cast<std::int64_t>(*filter.verdict));
    // A partial index is used only when the statement repeats its condition word for word.
    if (filter.verdict && *filter.verdict != Verdict::verified) list.also("verdict <> 0");
    list.between(filter.since, filter.until);
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    auto query = connection.query(list.text(kListFrom));
    list.bind_to(query, page.rows_max);
    return read_page<InboxRow>(query, page.rows_max, read_row_without_body);
}

Result<std::optional<InboxRow>, StoreError> find_inbox(Connection& connection, InboxId id) {
    auto query = connection.query(kFindSql);
    query.bind(id.value);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<InboxRow>{};
    InboxRow row = read_row_without_body(query);
    row.body = query.bytes(kBodyColumn);
    if (!query.is_null(kTraceColumn)) row.trace = unpack_trace(query.bytes(kTraceColumn));
    return std::optional<InboxRow>{std::move(row)};
}

Result<void, StoreError>
correct_inbox(Transaction& transaction, const InboxCorrection& correction) {
    const std::string event_ids = pack_event_ids(correction.event_ids);
    auto query = transaction.query(kCorrectSql);
    query.bind(static_cast<std::int64_t>(correction.verdict)).bind(correction.reason);
    query.bind(Blob{event_ids}).bind(correction.id.value);
    return query.run();
}

Result<void, StoreError> relink_inbox(Transaction& transaction, const InboxLinks& links) {
    const std::string event_ids = pack_event_ids(links.event_ids);
    auto query = transaction.query(kRelinkSql);
    query.bind(links.account.value).bind(static_cast<std::int64_t>(links.livemode));
    query.bind(Blob{event_ids}).bind(links.id.value);
    return query.run();
}

Result<SweptRows, StoreError> forget_inbox(Transaction& transaction, const OldRows& old) {
    const bool one_writes = transaction.connection().writers() == Writers::one;
    auto query = transaction.query(kForgetSql);
    query.bind(old.after).bind(first_id_at(old.before));
    query.bind(one_writes ? kForgetRowsMax : kForgetRowsOfManyMax);
    return run_sweep(query, old);
}

}  // namespace postern::storage
