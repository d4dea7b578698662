#include "storage/job_repository.hpp"

#include "storage/sql_text.hpp"

namespace postern::storage {
namespace {

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, kind, state, endpoint_id, cursor_id, total, looked_at,"
    " scheduled, created_at, updated_at, error, parameters FROM jobs";

constexpr auto kFindText = sql_text(kSelect, " WHERE id = $1");
constexpr Sql kFindSql{kFindText.data()};

// 0: running. The number stands here because a partial index is used only for its own words.
constexpr auto kLoadRunningText = sql_text(kSelect, " WHERE state = 0 ORDER BY id");
constexpr Sql kLoadRunningSql{kLoadRunningText.data()};
static_assert(static_cast<int>(JobState::running) == 0);

constexpr Sql kInsertSql{
    "INSERT INTO jobs (id, account_id, livemode, kind, state, endpoint_id, cursor_id, total,"
    " looked_at, scheduled, created_at, updated_at, error, parameters)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};

constexpr Sql kUpdateSql{
    "UPDATE jobs SET state = $1, cursor_id = $2, total = $3, looked_at = $4, scheduled = $5,"
    " error = $6, updated_at = $7 WHERE id = $8 AND state = 0"};

constexpr Sql kForgetSql{
    "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE id > $1 AND id < $2 AND state <> 0"
    " AND updated_at < $3 ORDER BY id LIMIT $4) RETURNING id"};
constexpr std::int64_t kForgetRowsMax = 256;

JobRow read_row(const Query& query) {
    JobRow row;
    row.id = JobId{query.integer(0)};
    row.account = AccountId{query.integer(1)};
    row.livemode = static_cast<Livemode>(query.integer(2));
    row.kind = static_cast<JobKind>(query.integer(3));
    row.state = static_cast<JobState>(query.integer(4));
    if (!query.is_null(5)) row.endpoint = EndpointId{query.integer(5)};
    row.cursor = query.integer(6);
    row.total = query.integer(7);
    row.looked_at = query.integer(8);
    row.scheduled = query.integer(9);
    row.created_at = query.time(10);
    row.updated_at = query.time(11);
    row.error = query.text(12);
    row.parameters = query.text(13);
    return row;
}

}  // namespace

Result<JobId, StoreError> insert_job(Transaction& transaction, const JobRow& row) {
    const JobId id{transaction.next_id()};
    auto query = transaction.query(kInsertSql);
    query.bind(id.value).bind(row.account.value).bind(static_cast<std::int64_t>(row.livemode));
    query.bind(static_cast<std::int64_t>(row.kind)).bind(static_cast<std::int64_t>(row.state));
    query.bind(row.endpoint ? std::optional{row.endpoint->value} : std::nullopt);
    query.bind(row.cursor).bind(row.total).bind(row.looked_at).bind(row.scheduled);
    query.bind(row.created_at).bind(row.updated_at).bind(row.error).bind(row.parameters);
    const auto done = query.run();
    if (!done) return done.error();
    return id;
}

Result<bool, StoreError> update_job(Transaction& transaction, const JobRow& row) {
    auto query = transaction.query(kUpdateSql);
    query.bind(static_cast<std::int64_t>(row.state)).bind(row.cursor).bind(row.total);
    query.bind(row.looked_at).bind(row.scheduled).bind(row.error).bind(row.updated_at);
    query.bind(row.id.value);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows() == 1;
}

Result<std::optional<JobRow>, StoreError> find_job(Connection& connection, JobId id) {
    auto query = connection.query(kFindSql);
    query.bind(id.value);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<JobRow>{};
    return std::optional<JobRow>{read_row(query)};
}

Result<Page<JobRow>, StoreError>
list_jobs(Connection& connection, const JobFilter& filter, const PageRequest<JobId>& page) {
    ListQuery list;
    list.where("account_id =", filter.account.value);
    list.where("livemode =", static_cast<std::int64_t>(filter.livemode));
    if (filter.state) list.where("state =", static_cast<std::int64_t>(*filter.state));
    if (filter.endpoint) list.where("endpoint_id =", filter.endpoint->value);
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_page<JobRow>(query, page.rows_max, read_row);
}

Result<Page<JobRow>, StoreError> list_jobs_of_family(
    Connection& connection,
    const FamilyJobFilter& filter,
    const PageRequest<JobId>& page
) {
    static_assert(static_cast<int>(JobKind::cancel_endpoint) == 2);
    ListQuery list;
    list.where(
        "(SELECT COALESCE(parent_id, accounts.id) FROM accounts WHERE accounts.id = account_id) =",
        filter.parent.value
    );
    list.where("livemode =", static_cast<std::int64_t>(filter.livemode));
    if (filter.state) list.where("state =", static_cast<std::int64_t>(*filter.state));
    list.also("kind <> 2");
    list.after(page.after ? std::optional{page.after->value} : std::nullopt, page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_page<JobRow>(query, page.rows_max, read_row);
}

Result<std::vector<JobRow>, StoreError> load_running_jobs(Connection& connection) {
    auto query = connection.query(kLoadRunningSql);
    std::vector<JobRow> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        rows.push_back(read_row(query));
    }
}

Result<SweptRows, StoreError> forget_jobs(Transaction& transaction, const OldRows& old) {
    auto query = transaction.query(kForgetSql);
    query.bind(old.after).bind(first_id_at(old.before)).bind(old.before).bind(kForgetRowsMax);
    return run_sweep(query, old);
}

}  // namespace postern::storage
