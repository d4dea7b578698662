#pragma once

#include "storage/migrations.hpp"
#include "storage/postgres/pg_connection.hpp"
#include "storage/postgres/postgres_database.hpp"

#include <memory>
#include <string>
#include <vector>

// From a URL to a server with the right tables.
namespace postern::storage {

// What the connections of a store are made of.
[[nodiscard]] Result<PgSession, OpenFailure> make_session(const PostgresOptions& options);

// Waits for a server that is not there yet; what waiting cannot help is told at once.
[[nodiscard]] Result<void, OpenFailure>
open_patiently(PgConnection& connection, const PgSession& session, const PostgresOptions& options);

struct SchemaWork {
    std::span<const Migration> migrations;
    TimePoint now;
};
// The names of what was applied: by this program or by another that did the same meanwhile.
[[nodiscard]] Result<std::vector<std::string>, OpenFailure>
bring_up_to_date(PgConnection& connection, const SchemaWork& work);
[[nodiscard]] Result<std::vector<std::string>, OpenFailure>
find_pending(PgConnection& connection, std::span<const Migration> migrations);

// A change of the schema takes as long as it takes.
PgSession without_timeouts(PgSession session);

}  // namespace postern::storage
