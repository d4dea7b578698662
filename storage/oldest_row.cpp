#include "storage/oldest_row.hpp"

#include "core/assert.hpp"
#include "core/ids.hpp"

namespace postern::storage {
namespace {

constexpr Sql kRequestLogSql{"SELECT id FROM request_log ORDER BY id LIMIT 1"};
constexpr Sql kInboxSql{"SELECT id FROM inbox ORDER BY id LIMIT 1"};
constexpr Sql kEventsSql{"SELECT id FROM events ORDER BY id LIMIT 1"};
constexpr Sql kAttemptsSql{"SELECT id FROM attempts ORDER BY id LIMIT 1"};
constexpr Sql kJobsSql{"SELECT id FROM jobs ORDER BY id LIMIT 1"};

const Sql& sql_of(DatedTable table) {
    switch (table) {
        case DatedTable::request_log: return kRequestLogSql;
        case DatedTable::inbox: return kInboxSql;
        case DatedTable::events: return kEventsSql;
        case DatedTable::attempts: return kAttemptsSql;
        case DatedTable::jobs: return kJobsSql;
    }
    POSTERN_ASSERT(!"a DatedTable without a statement");
}

}  // namespace

Result<std::optional<TimePoint>, StoreError> oldest_row(Connection& connection, DatedTable table) {
    auto query = connection.query(sql_of(table));
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<TimePoint>{};
    return std::optional{time_of_id(query.integer(0))};
}

}  // namespace postern::storage
