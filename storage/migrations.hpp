#pragma once

#include "core/result.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

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
// and {table_options} after a table's closing bracket.
struct SqlDialect {
    std::string_view bigint;
    std::string_view bytes;
    std::string_view table_options;
};
std::string spell(std::string_view sql, const SqlDialect& dialect);

struct MigrationRun {
    std::span<const Migration> migrations;
    SqlDialect dialect;
    TimePoint now;
};

// Forward only, each in its own transaction, under the driver's lock. A store that knows more than
// this program, or knows one of its migrations by another text, is refused before anything changes.
[[nodiscard]] Result<void, OpenFailure>
migrate(WriteConnection& connection, const MigrationRun& run);

// For those who only read: the schema must be this program's already.
[[nodiscard]] Result<void, OpenFailure>
check_schema(Connection& connection, std::span<const Migration> migrations);

}  // namespace postern::storage
