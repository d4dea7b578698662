#pragma once

#include "core/metrics.hpp"

#include <string>
#include <vector>

namespace postern::daemon {

// What came of the webhooks of one gateway. Made at start for each that is configured, so that
// nobody outside can add a series.
struct GatewayMetrics {
    GatewayMetrics(MetricRegistry& registry, const std::string& gateway);

    Counter received;
    Counter verified;
    Counter duplicates;
    Counter second_versions;
    Counter unrecognised;
    Counter malformed;
    Counter events;
    Counter shed;
    Counter looped;
    std::vector<Counter> refused;  // by VerifyFailure
};

}  // namespace postern::daemon
