#pragma once

#include "core/time.hpp"
#include "daemon/commands/api_client.hpp"

#include <string>
#include <vector>

namespace postern::daemon::commands {

struct ListenOptions {
    ApiAccess access;
    int port = 0;                          // 0: the system chooses
    std::string secret;                    // empty: the daemon makes one
    std::string forward;                   // empty: answered here
    std::vector<std::string> event_types;  // empty: all
    bool verbose = false;
};

// Receives until it is interrupted; the endpoint that it made goes with it.
int run_listen(ListenOptions options, const Clock& clock);

}  // namespace postern::daemon::commands
