#include "storage/change_repository.hpp"

namespace postern::storage {
namespace {

constexpr Sql kInsertSql{
    "INSERT INTO changes (number, kind, subject_id, changed_at)"
    " SELECT coalesce(max(number), 0) + 1, $1, $2, $3 FROM changes"};
constexpr Sql kLoadSql{
    "SELECT number, kind, subject_id, changed_at FROM changes WHERE number > $1"
    " ORDER BY number LIMIT $2"};
constexpr Sql kLastSql{"SELECT coalesce(max(number), 0) FROM changes"};
constexpr Sql kForgetSql{
    "DELETE FROM changes WHERE changed_at < $1 AND number < (SELECT max(number) FROM changes)"};

}  // namespace

Result<void, StoreError> note_change(Transaction& transaction, const Change& change) {
    if (!transaction.connection().is_shared()) return {};
    if (const auto turn = transaction.take_turn(); !turn) return turn.error();
    auto query = transaction.query(kInsertSql);
    query.bind(std::int64_t{static_cast<std::uint8_t>(change.kind)}).bind(change.subject);
    query.bind(transaction.now());
    return query.run();
}

Result<std::vector<ChangeRow>, StoreError>
load_changes(Connection& connection, std::int64_t after, std::size_t rows_max) {
    auto query = connection.query(kLoadSql);
    query.bind(after).bind(static_cast<std::int64_t>(rows_max));
    std::vector<ChangeRow> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        rows.push_back(
            {.number = query.integer(0),
             .kind = query.integer(1),
             .subject = query.integer(2),
             .changed_at = query.time(3)}
        );
    }
}

Result<std::int64_t, StoreError> last_change(Connection& connection) {
    auto query = connection.query(kLastSql);
    const auto step = query.step();
    if (!step) return step.error();
    return query.integer(0);
}

Result<void, StoreError> forget_changes(Connection& connection, TimePoint before) {
    auto query = connection.query(kForgetSql);
    query.bind(before);
    const auto step = query.step();  // and does not stay in a queue
    if (!step) return step.error();
    return {};
}

}  // namespace postern::storage
