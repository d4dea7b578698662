#pragma once

#include "core/time.hpp"
#include "daemon/commands/api_client.hpp"
#include "daemon/commands/common.hpp"

#include <string>

namespace postern::daemon::commands {

struct DoctorOptions {
    ConfigOptions config;
    ApiAccess access;
    std::string admin_url;
    // The daemon knows how its deliveries went. A test event shows what is so now.
    enum class Endpoints { asked_about, pinged } endpoints = Endpoints::asked_about;
    Output output = Output::text;
    enum class Depth { everything, liveness } depth = Depth::everything;
};

// Looks at the configuration, the machine and the daemon, and says what to do. The exit code is 0
// when that is nothing, 1 when something is to be done soon, 2 when at once. Liveness is one
// question, as a probe asks it: does the daemon answer that its work moves? It gives 0 or 1.
int run_doctor(DoctorOptions options, const Clock& clock);

}  // namespace postern::daemon::commands
