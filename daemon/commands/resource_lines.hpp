#pragma once

#include "daemon/commands/api_client.hpp"

namespace postern::daemon::commands {

// Follows a list of the API to its end, page after page, asks for each item by itself, and prints
// it on a line. `call` is that of the list. Goes at the pace that the API allows.
int print_lines(const ApiAccess& access, ApiCommandCall call);

}  // namespace postern::daemon::commands
