#pragma once

#include <string>

namespace postern::daemon::commands {

// The program, its compiler and the libraries it was built with, one a line.
std::string version_text();

int run_version();

}  // namespace postern::daemon::commands
