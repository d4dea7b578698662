#pragma once

#include "daemon/commands/common.hpp"
#include "daemon/commands/doctor_report.hpp"

#include <optional>
#include <string>
#include <vector>

// What commands do where the store is a server's.
namespace postern::daemon::commands {

// What to use in place of `backup` and `restore`, which are for a store in files; nullopt: the
// store of this configuration is one.
std::optional<Complaint> complaint_about_copying(const config::Config& config);

// A sentence for each thing that is wrong with the store or the books in it. Daemons may go on.
[[nodiscard]] Result<std::vector<std::string>, Complaint>
find_shared_store_faults(const config::Config& config, const Clock& clock);

// Whether the server answers, and whether the schema is this program's.
Findings examine_shared_store(const config::Config& config);

}  // namespace postern::daemon::commands
