#pragma once

#include "core/time.hpp"
#include "daemon/commands/common.hpp"

#include <string>

namespace postern::daemon::commands {

struct RestoreOptions {
    ConfigOptions config;
    std::string file;  // "-": standard input
    bool replace = false;
    Output output = Output::text;
};

// `postern restore`: puts a backup where no daemon runs, when it was proven to be whole and in
// order.
int run_restore(const RestoreOptions& options, const Clock& clock);

}  // namespace postern::daemon::commands
