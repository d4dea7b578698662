#pragma once

#include "daemon/commands/common.hpp"

#include <span>
#include <string>

namespace postern::daemon::commands {

struct MigrateOptions {
    ConfigOptions config;
    enum class Wish { apply, show } wish = Wish::apply;
    Output output = Output::text;
};

// What `postern migrate` did to the store, or would do.
std::string migration_text(std::span<const std::string> names, MigrateOptions::Wish wish);
std::string migration_json(std::span<const std::string> names, MigrateOptions::Wish wish);

// `postern migrate`: brings the schema of a PostgreSQL store up to date, by whatever role the URL
// names, so that the daemon's own role needs no right to change it.
int run_migrate(const MigrateOptions& options, const Clock& clock);

}  // namespace postern::daemon::commands
