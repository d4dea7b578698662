#pragma once

#include "config/config.hpp"
#include "daemon/reload.hpp"

namespace postern::daemon {

// Runs the daemon until it is told to stop; SIGHUP makes it read its configuration again. The exit
// code of the process: 0 after a clean stop, 1 when it could not start, 70 when the store failed
// while it ran.
int serve(const config::Config& written, ReadConfig read_again);

}  // namespace postern::daemon
