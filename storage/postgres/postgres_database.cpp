#include "storage/postgres/postgres_database.hpp"

#include "core/assert.hpp"
#include "core/log.hpp"
#include "storage/account_repository.hpp"
#include "storage/open_steps.hpp"
#include "storage/postgres/connection_places.hpp"
#include "storage/postgres/pg_connection.hpp"
#include "storage/postgres/postgres_start.hpp"

#include <algorithm>
#include <utility>

namespace postern::storage {
namespace {

constexpr std::chrono::milliseconds kBriskAnswer{2'000};
constexpr const char* kBriskConnect = "2";  // seconds, and libpq knows no less

class PostgresDatabase final : public Database {
 public:
    PostgresDatabase(PostgresOptions options, PgSession session)
        : options_{std::move(options)},
          session_{std::move(session)},
          poison_{{}},
          places_{options_.limits.connections_max} {}

    Result<void, OpenFailure> open(TimePoint now);
    void tell(ChangeFollower& follower);

    WriteConnection& writer() override { return *writer_; }
    WriteConnection* hot_writer() override { return hot_writer_.get(); }
    WriteConnection* records_writer() override { return records_writer_.get(); }
    Result<std::unique_ptr<Connection>, StoreError> open_reader() override;
    Result<std::unique_ptr<WriteConnection>, StoreError> open_side() override;
    Result<std::unique_ptr<WriteConnection>, StoreError> open_brisk_side();
    const StoreKeys& keys() const override { return keys_; }
    IdGenerator& ids() override { return *ids_; }
    Poison& poison() override { return poison_; }
    std::string description() const override { return description_; }

 private:
    Result<void, OpenFailure> update_schema(TimePoint now);
    Result<void, StoreError> load(TimePoint now);
    PgSession brisk_session() const;
    PgSession hot_session() const;
    Result<std::unique_ptr<PgConnection>, StoreError> add_connection(const PgSession& session);
    OpenFailure cannot_open(StoreError error) const;

    PostgresOptions options_;
    PgSession session_;
    Poison poison_;  // never set: the server ends itself when its disk fails
    std::unique_ptr<PgConnection> writer_;
    std::unique_ptr<PgConnection> hot_writer_;
    std::unique_ptr<PgConnection> records_writer_;
    StoreKeys keys_;
    std::optional<IdGenerator> ids_;
    std::string description_;
    ConnectionPlaces places_;
};

// "15.4", or before version 10 "9.6.2", which is older than what we need.
std::string version_text(int version) {
    constexpr int kMajor = 10'000;
    return std::to_string(version / kMajor) + "." + std::to_string(version % kMajor);
}

OpenFailure PostgresDatabase::cannot_open(StoreError error) const {
    std::string message = "cannot use the " + describe_target(session_.words) + ": it answered ";
    message += to_text(error);
    message += "; the log says why";
    return {error, std::move(message)};
}

Result<void, OpenFailure> PostgresDatabase::open(TimePoint now) {
    const auto updated = update_schema(now);
    if (!updated) return updated.error();
    for (auto& [writer, session] : {
             std::pair{&writer_, session_},
             std::pair{&hot_writer_, hot_session()},
             std::pair{&records_writer_, hot_session()},
         }) {
        auto connection = add_connection(session);
        if (!connection) return cannot_open(connection.error());
        *writer = std::move(*connection);
    }
    const auto loaded = load(now);
    if (!loaded) return cannot_open(loaded.error());
    description_ = "PostgreSQL " + version_text(writer_->server_version());
    return {};
}

Result<void, OpenFailure> PostgresDatabase::update_schema(TimePoint now) {
    const PgSession session = without_timeouts(session_);
    PgConnection connection{session};
    const auto opened = open_patiently(connection, session, options_);
    if (!opened) return opened.error();
    const auto updated = bring_up_to_date(connection, {options_.migrations, now});
    if (!updated) return updated.error();
    return {};
}

Result<void, StoreError> PostgresDatabase::load(TimePoint now) {
    const auto account = ensure_default_account(*writer_, now);
    if (!account) return account.error();
    const auto keys = load_or_make_keys(*writer_);
    if (!keys) return keys.error();
    keys_ = *keys;
    for (PgConnection* connection : {writer_.get(), hot_writer_.get(), records_writer_.get()}) {
        connection->start_ingest(keys_.dedupe);
    }
    const auto last_id = find_last_id(*writer_);
    if (!last_id) return last_id.error();
    ids_.emplace(options_.node, *last_id);
    return {};
}

void PostgresDatabase::tell(ChangeFollower& follower) {
    writer_->tell(follower);
    hot_writer_->tell(follower);
    records_writer_->tell(follower);
}

// A lease lasts for three tries of this.
PgSession PostgresDatabase::brisk_session() const {
    PgSession session = session_;
    session.statement_timeout = std::min(session.statement_timeout, kBriskAnswer);
    session.lock_timeout = std::min(session.lock_timeout, kBriskAnswer);
    session.patience = std::min(session.patience, kBriskAnswer);
    session.hold = std::chrono::milliseconds{0};
    for (ConnectionWord& word : session.words) {
        if (word.name == "connect_timeout") word.value = kBriskConnect;
    }
    return session;
}

// Nobody who sent a webhook waits as long as a batch of the general lane may take its turn.
PgSession PostgresDatabase::hot_session() const {
    PgSession session = session_;
    session.lock_timeout = std::min(session.lock_timeout, options_.limits.hot_lock_timeout);
    return session;
}

Result<std::unique_ptr<PgConnection>, StoreError> PostgresDatabase::add_connection(
    const PgSession& session
) {
    auto place = places_.take();
    if (!place) {
        log::error(
            "store.connections_exhausted",
            {{"reason", "storage.connections_max is too small"},
             {"connections_max", options_.limits.connections_max}}
        );
        return StoreError::failed;
    }
    auto connection = std::make_unique<PgConnection>(session);
    connection->keep(std::move(*place));
    const auto opened = connection->open();
    if (opened) return connection;
    log::error("store.cannot_connect", {{"reason", opened.error().message}});
    return StoreError::unavailable;
}

Result<std::unique_ptr<Connection>, StoreError> PostgresDatabase::open_reader() {
    auto connection = add_connection(session_);
    if (!connection) return connection.error();
    return std::unique_ptr<Connection>{std::move(*connection)};
}

Result<std::unique_ptr<WriteConnection>, StoreError> PostgresDatabase::open_side() {
    auto connection = add_connection(session_);
    if (!connection) return connection.error();
    (*connection)->start_ingest(keys_.dedupe);
    return std::unique_ptr<WriteConnection>{std::move(*connection)};
}

Result<std::unique_ptr<WriteConnection>, StoreError> PostgresDatabase::open_brisk_side() {
    auto connection = add_connection(brisk_session());
    if (!connection) return connection.error();
    return std::unique_ptr<WriteConnection>{std::move(*connection)};
}

}  // namespace

Result<std::unique_ptr<Database>, OpenFailure>
open_postgres(PostgresOptions options, const Clock& clock) {
    auto session = make_session(options);
    if (!session) return session.error();
    auto database = std::make_unique<PostgresDatabase>(std::move(options), std::move(*session));
    const auto opened = database->open(clock.now());
    if (!opened) return opened.error();
    return std::unique_ptr<Database>{std::move(database)};
}

void tell_of_changes(Database& database, ChangeFollower& follower) {
    auto* postgres = dynamic_cast<PostgresDatabase*>(&database);
    POSTERN_ASSERT(postgres != nullptr);
    postgres->tell(follower);
}

Result<std::unique_ptr<WriteConnection>, StoreError> open_brisk_side(Database& database) {
    auto* postgres = dynamic_cast<PostgresDatabase*>(&database);
    POSTERN_ASSERT(postgres != nullptr);
    return postgres->open_brisk_side();
}

Result<std::vector<std::string>, OpenFailure>
migrate_postgres(const PostgresOptions& options, const Clock& clock) {
    const auto session = make_session(options);
    if (!session) return session.error();
    PgConnection connection{without_timeouts(*session)};
    const auto opened = open_patiently(connection, *session, options);
    if (!opened) return opened.error();
    return bring_up_to_date(connection, {options.migrations, clock.now()});
}

Result<std::vector<std::string>, OpenFailure> list_pending_on_postgres(
    const PostgresOptions& options
) {
    const auto session = make_session(options);
    if (!session) return session.error();
    PgConnection connection{without_timeouts(*session)};
    const auto opened = open_patiently(connection, *session, options);
    if (!opened) return opened.error();
    return find_pending(connection, options.migrations);
}

Result<void, Complaint> check_postgres_url(std::string_view url) {
    const auto words = read_connection_text(url);
    if (!words) return words.error();
    return {};
}

}  // namespace postern::storage
