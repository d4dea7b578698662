#include "daemon/commands/migrate.hpp"

#include "core/json_writer.hpp"
#include "daemon/assembly.hpp"

namespace postern::daemon::commands {

using Wish = MigrateOptions::Wish;

std::string migration_text(std::span<const std::string> names, Wish wish) {
    if (names.empty()) return "The store is up to date.\n";
    std::string text = wish == Wish::apply ? "Applied:\n" : "To be applied:\n";
    for (const std::string& name : names) text += "  " + name + "\n";
    return text;
}

std::string migration_json(std::span<const std::string> names, Wish wish) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.key(wish == Wish::apply ? "applied" : "pending");
    writer.begin_array();
    for (const std::string& name : names) writer.string(name);
    writer.end_array();
    writer.end_object();
    json += '\n';
    return json;
}

int run_migrate(const MigrateOptions& options, const Clock& clock) {
    const auto config = load_places(options.config);
    if (!config) return complain_of_all(config.error());
    if (!config->storage.is_shared()) {
        complain(
            {"this store is SQLite, and the daemon brings it up to date when it starts; "
             "`migrate` is for a store with [storage] url = \"postgres://…\""}
        );
        return kExitUsage;
    }
    const auto store = postgres_options(*config);
    const auto names = options.wish == Wish::apply ? storage::migrate_postgres(store, clock)
                                                   : storage::list_pending_on_postgres(store);
    if (!names) return complain({names.error().message});
    const bool json = options.output == Output::json;
    print(json ? migration_json(*names, options.wish) : migration_text(*names, options.wish));
    return kExitFine;
}

}  // namespace postern::daemon::commands
