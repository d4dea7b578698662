#pragma once

#include "core/json_document.hpp"
#include "core/time.hpp"
#include "daemon/commands/doctor_report.hpp"
#include "daemon/commands/metrics_text.hpp"

#include <optional>

// What `postern doctor` makes of a daemon's answers; without a connection.
namespace postern::daemon::commands {

// Of /readyz.
Finding judge_readiness(JsonValue answer);
// Of its part about other nodes: none where there can be none.
Findings judge_cluster(JsonValue cluster);
// Of /healthz: is the daemon the program that is installed?
Finding judge_program(JsonValue answer);
// Of /metrics: what should not have happened since the daemon started, a finding each.
Findings judge_metrics(const MetricsText& metrics);

struct DaemonTimes {
    TimePoint started_at;
    TimePoint now;
    // Of this gateway, where the store knows of one from before the start.
    std::optional<TimePoint> verified_before = std::nullopt;
};
// Of each item of /api/v2/gateways: what is wrong with it, or when it was last heard of; nothing of
// one that may be silent and is.
Findings judge_gateway(JsonValue gateway, const DaemonTimes& times);
// Of each item of /api/v2/webhook-endpoints.
Findings judge_endpoint(JsonValue endpoint, TimePoint now);
// Of the answer to its /ping.
Finding judge_ping(JsonValue endpoint, JsonValue answer);

}  // namespace postern::daemon::commands
