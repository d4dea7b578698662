#pragma once

#include "core/result.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::storage {

// Why a store could not be opened: a value to branch on and a sentence for the operator.
struct OpenFailure {
    StoreError error = StoreError::failed;
    std::string message;
    bool operator==(const OpenFailure&) const = default;
};

struct Migration {
    std::int64_t number = 0;
    std::string_view name;  // "0001_base"
    std::string_view sql;
};

// The files of storage/migrations, in order, as they were when the program was built.
std::span<const Migration> built_in_migrations();

// How a driver spells what the two databases name differently. In a migration: {bigint}, {bytes},
// and {table_options} after a table's closing bracket. TEXT is what the driver says it is, so that
// texts sort by their bytes in every store.
struct SqlDialect {
    std::string_view bigint;
    std::string_view bytes;
    std::string_view table_options;
    std::string_view text = "TEXT";
};
std::string spell(std::string_view sql, const SqlDialect& dialect);

struct MigrationRun {
    std::span<const Migration> migrations;
    SqlDialect dialect;
    TimePoint now;
};

// Where the migrations are noted. Not part of migrate(), since making it needs a right that a
// server's role may lack even when it is there.
[[nodiscard]] Result<void, StoreError>
make_migration_table(WriteConnection& connection, const SqlDialect& dialect);

// Forward only, each in its own transaction, and by one program of those that start together: to
// note a migration is its first step, and who comes second waits there for the end of the first. A
// store that knows more than this program, or knows one of its migrations by another text, is
// refused before anything changes.
[[nodiscard]] Result<void, OpenFailure>
migrate(WriteConnection& connection, const MigrationRun& run);

// The names of those that are still to be applied.
[[nodiscard]] Result<std::vector<std::string_view>, OpenFailure>
list_pending(Connection& connection, std::span<const Migration> migrations);

// For those who only read: the schema must be this program's already.
[[nodiscard]] Result<void, OpenFailure>
check_schema(Connection& connection, std::span<const Migration> migrations);

}  // namespace postern::storage
