#pragma once

#include "daemon/commands/common.hpp"

namespace postern::daemon::commands {

// What `postern check` prints about a configuration whose gateways are in order.
std::string summary_of(const config::Config& config, std::span<const ResolvedGateway> gateways);

int run_check(const ConfigOptions& options);

}  // namespace postern::daemon::commands
