#pragma once

#include "config/config.hpp"

namespace postern::daemon {

// Runs the daemon until it is told to stop. The exit code of the process: 0 after a clean stop, 1
// when it could not start, 70 when the store failed while it ran.
int serve(const config::Config& config);

}  // namespace postern::daemon
