#include "storage/postgres/postgres_start.hpp"

#include "core/log.hpp"
#include "storage/postgres/pg_failure.hpp"

#include <algorithm>
#include <array>
#include <poll.h>

namespace postern::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Texts sort by their bytes in every store, whatever the database's own order is.
constexpr SqlDialect kDialect{
    .bigint = "BIGINT",
    .bytes = "BYTEA",
    .table_options = "",
    .text = "TEXT COLLATE \"C\""};

// Any number will do that nothing else in the database takes as a lock.
constexpr Sql kLockSql{"SELECT pg_advisory_xact_lock(8097879437104599) IS NULL"};
constexpr Sql kIsThereSql{"SELECT to_regclass('schema_migrations') IS NOT NULL"};
constexpr Sql kEncodingSql{"SELECT current_setting('server_encoding')"};

// What the server's own defaults are too lazy for: it would look at a table when a fifth of it has
// changed, which of a hundred million rows is never. Rows of the small tables change with each
// delivery or heartbeat and no index has what changes, so room beside them keeps them in place.
constexpr const char* kHousekeeping =
    "ALTER TABLE deliveries SET (autovacuum_vacuum_scale_factor = 0.01,"
    " autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0.02);"
    "ALTER TABLE gateway_orders SET (autovacuum_vacuum_scale_factor = 0.01,"
    " autovacuum_vacuum_threshold = 1000);"
    "ALTER TABLE lanes SET (autovacuum_vacuum_scale_factor = 0.01,"
    " autovacuum_vacuum_threshold = 1000);"
    "ALTER TABLE endpoint_sequences SET (fillfactor = 50,"
    " autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);"
    "ALTER TABLE endpoint_health SET (fillfactor = 50);"
    "ALTER TABLE nodes SET (fillfactor = 50);"
    "ALTER TABLE leases SET (fillfactor = 50);"
    "ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0.02,"
    " autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);"
    "ALTER TABLE events SET (autovacuum_vacuum_scale_factor = 0.02,"
    " autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);"
    "ALTER TABLE attempts SET (autovacuum_vacuum_scale_factor = 0.02,"
    " autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);"
    "ALTER TABLE dedupe SET (autovacuum_vacuum_insert_scale_factor = 0.05,"
    " autovacuum_analyze_scale_factor = 0.02)";

constexpr milliseconds kUnlimitedPatience = std::chrono::hours{1};
constexpr milliseconds kFirstWait{100};
constexpr milliseconds kLongestWait{2'000};

// What libpq and the server say when no waiting helps. Servers may say it in other languages: then
// the wait is for nothing, and the complaint is the same.
constexpr std::array<std::string_view, 14> kHopeless = {
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "does not exist",
    "certificate verify failed",
    "does not support SSL",
    "certificate file",
    "private key file",
    "requires a valid client certificate",
    "does not match host name",
    "host name must be specified",
    "is not permitted to log in",
    "permission denied for database",
    "invalid ",
};

bool is_hopeless(std::string_view reason) {
    return std::any_of(kHopeless.begin(), kHopeless.end(), [reason](std::string_view said) {
        return reason.find(said) != std::string_view::npos;
    });
}

std::string seconds_of(milliseconds duration) {
    return std::to_string(std::max<milliseconds::rep>(2, duration.count() / 1'000));
}

// A server that is frozen, or cut off without a word, is noticed within about 15 seconds.
void add_defaults(ConnectionWords& words, const PostgresOptions& options) {
    add_unless_given(words, {"target_session_attrs", "read-write"});
    add_unless_given(words, {"application_name", options.application_name});
    add_unless_given(words, {"connect_timeout", seconds_of(options.limits.connect_timeout)});
    add_unless_given(words, {"keepalives_idle", "5"});
    add_unless_given(words, {"keepalives_interval", "3"});
    add_unless_given(words, {"keepalives_count", "3"});
    add_unless_given(words, {"tcp_user_timeout", "12000"});
    add_unless_given(words, {"client_encoding", "UTF8"});
}

OpenFailure refused(const PgConnection& connection, StoreError error) {
    if (connection.last_state() == kMissingRight) {
        return {
            StoreError::failed,
            "the store's tables are missing or of an older version, and this role may not make "
            "them: run `postern migrate` with a role that may, then start again"};
    }
    std::string message{"the database server refused: "};
    message += to_text(error);
    if (!connection.last_state().empty()) message += " (" + connection.last_state() + ")";
    return {error, std::move(message)};
}

Result<bool, StoreError> ask_whether(PgConnection& connection, const Sql& sql) {
    auto query = connection.query(sql);
    const auto step = query.step();
    if (!step) return step.error();
    return query.integer(0) != 0;
}

// Nodes that start together take their turns, or two of them would make the same table.
Result<void, StoreError> make_migration_table_once(PgConnection& connection) {
    if (const auto begun = connection.begin(); !begun) return begun.error();
    auto is_there = ask_whether(connection, kLockSql);
    if (is_there) is_there = ask_whether(connection, kIsThereSql);
    Result<void, StoreError> made;
    if (!is_there) {
        made = is_there.error();
    } else if (!*is_there) {
        made = make_migration_table(connection, kDialect);
    }
    if (made) return connection.commit();
    connection.rollback();
    return made;
}

Result<void, OpenFailure> ensure_migration_table(PgConnection& connection) {
    const auto is_there = ask_whether(connection, kIsThereSql);
    if (!is_there) return refused(connection, is_there.error());
    if (*is_there) return {};
    const auto made = make_migration_table_once(connection);
    if (!made) return refused(connection, made.error());
    return {};
}

Result<void, OpenFailure> check_encoding(PgConnection& connection) {
    auto query = connection.query(kEncodingSql);
    const auto step = query.step();
    if (!step) return refused(connection, step.error());
    const std::string encoding{query.text(0)};
    if (encoding == "UTF8") return {};
    return OpenFailure{
        StoreError::failed,
        "the database's encoding is " + encoding
            + ": make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"};
}

// Servers that only speak PostgreSQL may know none of it, and keep house in another way.
void set_housekeeping(PgConnection& connection) {
    if (connection.execute_script(kHousekeeping)) return;
    log::warn("store.housekeeping_not_set", {{"state", connection.last_state()}});
}

}  // namespace

Result<PgSession, OpenFailure> make_session(const PostgresOptions& options) {
    auto words = read_connection_text(options.url);
    if (!words) return OpenFailure{StoreError::failed, words.error().message};
    add_defaults(*words, options);
    const PostgresLimits& limits = options.limits;
    const bool has_limit = limits.statement_timeout.count() > 0;
    return PgSession{
        .words = std::move(*words),
        .statement_timeout = limits.statement_timeout,
        .lock_timeout = limits.lock_timeout,
        .idle_in_transaction_timeout = limits.idle_in_transaction_timeout,
        .patience = has_limit ? limits.statement_timeout + milliseconds{2'000} : kUnlimitedPatience,
        .hold = limits.hold,
    };
}

PgSession without_timeouts(PgSession session) {
    session.statement_timeout = milliseconds{0};
    session.lock_timeout = milliseconds{0};
    session.idle_in_transaction_timeout = milliseconds{0};
    session.patience = kUnlimitedPatience;
    return session;
}

Result<void, OpenFailure>
open_patiently(PgConnection& connection, const PgSession& session, const PostgresOptions& options) {
    const auto give_up_at = SteadyClock::now() + options.limits.start_patience;
    for (milliseconds wait = kFirstWait;; wait = std::min(wait * 2, kLongestWait)) {
        const auto opened = connection.open();
        if (opened) return {};
        const std::string& reason = opened.error().message;
        const bool is_told = options.is_told_to_end && options.is_told_to_end();
        if (is_told || is_hopeless(reason) || SteadyClock::now() + wait > give_up_at) {
            return OpenFailure{
                StoreError::unavailable,
                "cannot connect to the " + describe_target(session.words) + ": " + reason};
        }
        log::warn("store.waiting_for_server", {{"reason", reason}});
        static_cast<void>(::poll(nullptr, 0, static_cast<int>(wait.count())));
    }
}

Result<std::vector<std::string>, OpenFailure>
bring_up_to_date(PgConnection& connection, const SchemaWork& work) {
    const auto encoding = check_encoding(connection);
    if (!encoding) return encoding.error();
    const auto table = ensure_migration_table(connection);
    if (!table) return table.error();
    const auto pending = list_pending(connection, work.migrations);
    if (!pending) return pending.error();
    const auto migrated = migrate(connection, {work.migrations, kDialect, work.now});
    if (migrated) {
        const bool is_whole = work.migrations.size() == built_in_migrations().size();
        if (is_whole && !pending->empty()) set_housekeeping(connection);
        return std::vector<std::string>{pending->begin(), pending->end()};
    }
    const bool is_right = connection.last_state() == kMissingRight;
    return is_right ? refused(connection, migrated.error().error) : migrated.error();
}

Result<std::vector<std::string>, OpenFailure>
find_pending(PgConnection& connection, std::span<const Migration> migrations) {
    std::vector<std::string> names;
    const auto is_there = ask_whether(connection, kIsThereSql);
    if (!is_there) return refused(connection, is_there.error());
    if (!*is_there) {
        for (const Migration& migration : migrations) names.emplace_back(migration.name);
        return names;
    }
    const auto pending = list_pending(connection, migrations);
    if (!pending) return pending.error();
    return std::vector<std::string>{pending->begin(), pending->end()};
}

}  // namespace postern::storage
