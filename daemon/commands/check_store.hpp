#pragma once

#include "daemon/commands/common.hpp"

namespace postern::daemon::commands {

// `postern check --store`: a sentence for each thing that is wrong with the store or the books in
// it, and the exit code of a failed command; one line and 0 when nothing is.
int run_check_store(const ConfigOptions& options);

}  // namespace postern::daemon::commands
