#include "storage/migrations.hpp"

#include "core/assert.hpp"
#include "core/crypto.hpp"
#include "core/log.hpp"

#include <array>
#include <utility>
#include <vector>

namespace postern::storage {
namespace {

constexpr const char* kCreateTableSql =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    " number {bigint} PRIMARY KEY, name TEXT NOT NULL,"
    " checksum {bytes} NOT NULL, applied_at {bigint} NOT NULL) {table_options}";

constexpr Sql kListSql{"SELECT name, checksum FROM schema_migrations ORDER BY number"};

constexpr Sql kRecordSql{
    "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (number) DO NOTHING RETURNING number"};

struct Applied {
    std::string name;
    std::string checksum;
};

OpenFailure cannot(std::string_view what, StoreError error) {
    std::string message{what};
    message += ": the store answered ";
    message += to_text(error);
    return {error, std::move(message)};
}

Result<std::vector<Applied>, StoreError> list_applied(Connection& connection) {
    auto query = connection.query(kListSql);
    std::vector<Applied> applied;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return applied;
        applied.push_back({std::string{query.text(0)}, std::string{query.bytes(1)}});
    }
}

// What was applied must be the beginning of what we know, text for text.
Result<void, OpenFailure>
check_applied(const std::vector<Applied>& applied, std::span<const Migration> known) {
    for (std::size_t i = 0; i < applied.size(); ++i) {
        const std::string& name = applied[i].name;
        if (i >= known.size() || name != known[i].name) {
            return OpenFailure{
                StoreError::too_new,
                "the store has migration " + name
                    + ", which this version does not know: use the version that made it, or newer"};
        }
        if (applied[i].checksum != sha256(known[i].sql)) {
            return OpenFailure{
                StoreError::failed,
                "migration " + name + " was applied with another text than this version has: "
                    "use an official build of this version"};
        }
    }
    return {};
}

enum class Recorded { by_us, by_another };

Result<Recorded, StoreError>
record(WriteConnection& connection, const Migration& migration, TimePoint now) {
    const std::string checksum = sha256(migration.sql);
    auto query = connection.query(kRecordSql);
    query.bind(migration.number).bind(migration.name).bind(Blob{checksum}).bind(now);
    const auto step = query.step();
    if (!step) return step.error();
    return *step == Step::row ? Recorded::by_us : Recorded::by_another;
}

Result<Recorded, StoreError>
apply(WriteConnection& connection, const Migration& migration, const MigrationRun& run) {
    if (const auto begun = connection.begin(); !begun) return begun.error();
    const auto recorded = record(connection, migration, run.now);
    Result<void, StoreError> done;
    if (!recorded) done = recorded.error();
    const bool is_ours = recorded && *recorded == Recorded::by_us;
    if (is_ours) done = connection.execute_script(spell(migration.sql, run.dialect));
    if (!done) {
        connection.rollback();
        return done.error();
    }
    done = connection.commit();
    if (!done) return done.error();
    return *recorded;
}

}  // namespace

std::string spell(std::string_view sql, const SqlDialect& dialect) {
    const std::array<std::pair<std::string_view, std::string_view>, 4> words = {{
        {"{bigint}", dialect.bigint},
        {"{bytes}", dialect.bytes},
        {"{table_options}", dialect.table_options},
        {"TEXT", dialect.text},
    }};
    std::string spelled{sql};
    for (const auto& [placeholder, word] : words) {
        for (auto at = spelled.find(placeholder); at != std::string::npos;
             at = spelled.find(placeholder, at + word.size())) {
            spelled.replace(at, placeholder.size(), word);
        }
    }
    return spelled;
}

Result<std::vector<std::string_view>, OpenFailure>
list_pending(Connection& connection, std::span<const Migration> migrations) {
    const auto applied = list_applied(connection);
    if (!applied) return cannot("cannot read the table of migrations", applied.error());
    const auto checked = check_applied(*applied, migrations);
    if (!checked) return checked.error();
    std::vector<std::string_view> pending;
    for (const Migration& migration : migrations.subspan(applied->size())) {
        pending.push_back(migration.name);
    }
    return pending;
}

Result<void, OpenFailure>
check_schema(Connection& connection, std::span<const Migration> migrations) {
    const auto pending = list_pending(connection, migrations);
    if (!pending) return pending.error();
    if (pending->empty()) return {};
    return OpenFailure{
        StoreError::failed,
        "the store is of an older version: run this version's daemon once, which brings it up to "
        "date"};
}

Result<void, StoreError>
make_migration_table(WriteConnection& connection, const SqlDialect& dialect) {
    return connection.execute_script(spell(kCreateTableSql, dialect));
}

Result<void, OpenFailure> migrate(WriteConnection& connection, const MigrationRun& run) {
    const auto pending = list_pending(connection, run.migrations);
    if (!pending) return pending.error();
    const std::size_t applied = run.migrations.size() - pending->size();
    for (const Migration& migration : run.migrations.subspan(applied)) {
        const auto done = apply(connection, migration, run);
        if (!done)
            return cannot("cannot apply migration " + std::string{migration.name}, done.error());
        if (*done == Recorded::by_us) log::info("store.migrated", {{"migration", migration.name}});
    }
    return check_schema(connection, run.migrations);
}

}  // namespace postern::storage
