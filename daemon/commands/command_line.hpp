#pragma once

#include "core/time.hpp"

namespace postern::daemon::commands {

// Finds the command that was asked for and runs it. The result is the process's exit code: 0, 1
// when the command failed, 2 when it was not understood.
int run_command_line(int argc, char** argv, const Clock& clock);

}  // namespace postern::daemon::commands
