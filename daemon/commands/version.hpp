#pragma once

#include "daemon/commands/common.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon::commands {

struct ProgramPart {
    std::string_view name;
    std::string version;
};

// The program, its compiler and the libraries that can be asked.
std::vector<ProgramPart> program_parts();

// The same, one a line.
std::string version_text();
std::string version_json();

int run_version(Output output);

}  // namespace postern::daemon::commands
