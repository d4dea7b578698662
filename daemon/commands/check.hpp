#pragma once

#include "daemon/commands/common.hpp"

namespace postern::daemon::commands {

// What `postern check` prints about a configuration whose gateways are in order.
std::string summary_of(const config::Config& config, std::span<const ResolvedGateway> gateways);

std::string summary_json(const config::Config& config, std::span<const ResolvedGateway> gateways);
// What programs get in its place when something is wrong.
std::string complaints_json(std::span<const Complaint> complaints);

// Prints them as they are asked for. 0 when there are none.
int report_complaints(std::span<const Complaint> complaints, Output output);

struct CheckOptions {
    ConfigOptions config;
    Output output = Output::text;
};
int run_check(const CheckOptions& options);

}  // namespace postern::daemon::commands
