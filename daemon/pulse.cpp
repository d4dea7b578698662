#include "daemon/pulse.hpp"

#include <utility>

namespace postern::daemon {

Pulse::Pulse(Parts parts) : why_not_alive_{std::move(parts.why_not_alive)} {
    for (const Watched& watched : parts.threads) beats_.push_back(std::make_unique<Beat>(watched));
}

std::string Pulse::standstill() {
    std::string standing;
    for (const auto& beat : beats_) {
        if (!beat->heart.has_answered() && standing.empty()) standing = beat->name;
        beat->heart.ask();
    }
    return standing.empty() ? why_not_alive_() : standing;
}

}  // namespace postern::daemon
