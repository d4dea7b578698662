#pragma once

#include <string_view>

namespace postern::systemd {

// Tells the service manager, if there is one, how the daemon is. "READY=1", "STOPPING=1" …
void notify(std::string_view state);

}  // namespace postern::systemd
