#pragma once

#include "config/config.hpp"

#include <string>
#include <vector>

namespace postern::config {

// What of a new configuration a running daemon can take, and what only its next start will.
struct Changes {
    // The configuration before, with every change that can be taken.
    Config taken;
    // Names only, as they are written: "limits.idle_timeout_seconds", "gateway stripe".
    std::vector<std::string> at_once;
    std::vector<std::string> at_restart;
};

Changes changes_between(const Config& before, const Config& after);

}  // namespace postern::config
