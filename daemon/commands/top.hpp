#pragma once

#include "daemon/commands/api_client.hpp"
#include "daemon/commands/common.hpp"

#include <string>

namespace postern::daemon::commands {

struct TopOptions {
    ConfigOptions config;
    ApiAccess access;
    std::string admin_url;
    int interval_seconds = 2;
    enum class Length { until_stopped, once } length = Length::until_stopped;
    Output output = Output::text;  // json: once only
};

// Shows what the daemon does until it is told to stop; once: prints one picture of all the time
// since the daemon started.
int run_top(TopOptions options);

}  // namespace postern::daemon::commands
