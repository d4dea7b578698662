#pragma once

#include "daemon/commands/common.hpp"

#include <string>

namespace postern::daemon::commands {

struct BackupOptions {
    ConfigOptions config;
    std::string file;  // "-": standard output
    Output output = Output::text;
};

// `postern backup`: asks the running daemon for a copy of its store, and writes it to a file when
// every byte has arrived.
int run_backup(const BackupOptions& options);

}  // namespace postern::daemon::commands
