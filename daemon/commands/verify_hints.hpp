#pragma once

#include "core/time.hpp"
#include "daemon/commands/received_request.hpp"
#include "daemon/sandbox_settings.hpp"

#include <span>
#include <string>
#include <vector>

namespace postern::daemon::commands {

struct JudgedRequest {
    const ReceivedRequest& request;
    TimePoint now;
    const verifiers::FetchedDocument* fetched = nullptr;
};

// Small changes under which a refused request would have been right, each as a sentence that says
// what probably happened. Every hint was tried and found to verify; none is a guess.
std::vector<std::string> hints_for(
    const JudgedRequest& judged,
    const ResolvedGateway& gateway,
    std::span<const ResolvedGateway> others
);

}  // namespace postern::daemon::commands
