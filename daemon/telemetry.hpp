#pragma once

#include "config/config.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "daemon/span_exporter.hpp"

#include <memory>

namespace postern::daemon {

// The way to the configured collector; null: there is none.
Result<std::unique_ptr<SpanExporter>, Complaint>
make_span_exporter(const config::Telemetry& telemetry, MetricRegistry& metrics);

}  // namespace postern::daemon
