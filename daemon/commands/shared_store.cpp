#include "daemon/commands/shared_store.hpp"

#include "daemon/assembly.hpp"
#include "daemon/commands/check_books.hpp"

#include <utility>

namespace postern::daemon::commands {
namespace {

constexpr const char* kMigrate = "run `postern migrate` with a role that may change the schema";

std::string pending_sentence(const std::vector<std::string>& pending) {
    std::string text = "the schema is older than this program: it lacks";
    for (const std::string& name : pending) text += " " + name;
    return text;
}

}  // namespace

std::optional<Complaint> complaint_about_copying(const config::Config& config) {
    if (!config.storage.is_shared()) return std::nullopt;
    return Complaint{
        "this store is PostgreSQL, which has better tools for it: pg_dump and pg_restore, "
        "pg_basebackup with its log archive, or your provider's snapshots; keep secrets.key of "
        + std::filesystem::absolute(config.data_dir).lexically_normal().string()
        + " apart from them"};
}

Result<std::vector<std::string>, Complaint>
find_shared_store_faults(const config::Config& config, const Clock& clock) {
    const auto pending = storage::list_pending_on_postgres(postgres_options(config));
    if (!pending) return Complaint{pending.error().message};
    if (!pending->empty()) return Complaint{pending_sentence(*pending) + "; " + kMigrate};
    auto options = postgres_options(config);
    options.limits.statement_timeout = {};  // none: it reads all of the largest tables
    const auto database = storage::open_postgres(std::move(options), clock);
    if (!database) return Complaint{database.error().message};
    const auto reader = (*database)->open_reader();
    if (!reader) return Complaint{"the store cannot be opened for reading"};
    auto wrong = check_books(**reader);
    if (!wrong) {
        std::string message = "the books cannot be read: the store answered ";
        message += storage::to_text(wrong.error());
        return Complaint{std::move(message)};
    }
    return std::move(*wrong);
}

Findings examine_shared_store(const config::Config& config) {
    const auto pending = storage::list_pending_on_postgres(postgres_options(config));
    if (!pending) {
        return {
            {"store",
             Severity::error,
             pending.error().message,
             "look at the server, and at [storage] url"}};
    }
    if (!pending->empty()) {
        return {{"store", Severity::error, pending_sentence(*pending), kMigrate}};
    }
    return {{"store", Severity::fine, "PostgreSQL answers, and its schema is this program's"}};
}

}  // namespace postern::daemon::commands
