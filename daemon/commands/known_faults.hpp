#pragma once

#include "daemon/commands/doctor_report.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace postern::daemon::commands {

using VersionNumber = std::array<unsigned, 3>;

// "3.40.1", "1.81": what is not said is 0. Anything after the numbers is left alone.
std::optional<VersionNumber> parse_version(std::string_view text);

struct LibraryVersion {
    std::string_view library;  // "SQLite"
    std::string_view version;
};

// What is known to be wrong with this version, or that nothing is; of a library without any known
// fault, nothing.
Findings judge_version(const LibraryVersion& library);

}  // namespace postern::daemon::commands
