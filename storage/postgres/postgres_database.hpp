#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "storage/change_follower.hpp"
#include "storage/database.hpp"
#include "storage/migrations.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::storage {

struct PostgresLimits {
    // Those that write and those that read, of this process. A server has about a hundred.
    std::size_t connections_max = 16;
    std::chrono::milliseconds connect_timeout{3'000};  // whole seconds, for each host
    std::chrono::milliseconds statement_timeout{10'000};
    std::chrono::milliseconds lock_timeout{5'000};
    // Of what webhooks and ends of attempts wait for, which is tried several times. Longer than the
    // second that the server takes to find out who waits in a circle.
    std::chrono::milliseconds hot_lock_timeout{1'500};
    // A node that stands still in the middle keeps all others waiting for so long at most: less
    // than its lease, and less than the hot lane tries for.
    std::chrono::milliseconds idle_in_transaction_timeout{3'000};
    // A server that is not there yet when the program starts is waited for so long.
    std::chrono::milliseconds start_patience{30'000};
    // A unit of work waits so long for a server that went away, before it is told so.
    std::chrono::milliseconds hold{3'000};
};

struct PostgresOptions {
    // postgres://user:password@host:5432/database?sslmode=verify-full, with several hosts if need
    // be; or libpq's "host=… dbname=…".
    std::string url;
    std::string application_name = "postern";
    unsigned node = 0;  // goes into every id
    PostgresLimits limits = {};
    std::span<const Migration> migrations = built_in_migrations();
    std::function<bool()> is_told_to_end = {};  // asked while the start waits for the server
};

// Waits for the server, brings the schema up to date if it is older, which only then needs a role
// that may. The complaint is a sentence for the operator, and holds no password.
[[nodiscard]] Result<std::unique_ptr<Database>, OpenFailure>
open_postgres(PostgresOptions options, const Clock& clock);

// From here on each batch of webhooks, and each that takes its turn, begins by telling the follower
// how far the changes have come. Before the writer's first batch; the follower outlives the writer.
// The database is one that open_postgres() made.
void tell_of_changes(Database& database, ChangeFollower& follower);

// What open_side() of such a database gives, for who has to know within a few seconds that it does
// not answer.
[[nodiscard]] Result<std::unique_ptr<WriteConnection>, StoreError> open_brisk_side(
    Database& database
);

// Only brings the schema up to date, or only says what that would be: the names of the migrations.
[[nodiscard]] Result<std::vector<std::string>, OpenFailure>
migrate_postgres(const PostgresOptions& options, const Clock& clock);
[[nodiscard]] Result<std::vector<std::string>, OpenFailure> list_pending_on_postgres(
    const PostgresOptions& options
);

// Whether that is a server's URL at all, before anybody connects to it.
[[nodiscard]] Result<void, Complaint> check_postgres_url(std::string_view url);

}  // namespace postern::storage
