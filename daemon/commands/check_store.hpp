#pragma once

#include "daemon/commands/check.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace postern::daemon::commands {

// A sentence for each thing that is wrong with a store that no daemon has open, or with its books.
[[nodiscard]] Result<std::vector<std::string>, Complaint> find_store_faults(
    const std::filesystem::path& directory
);

// `postern check --store`: a sentence for each thing that is wrong with the store or the books in
// it, and the exit code of a failed command; one line and 0 when nothing is.
int run_check_store(const CheckOptions& options, const Clock& clock);

}  // namespace postern::daemon::commands
