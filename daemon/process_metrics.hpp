#pragma once

#include "core/metrics.hpp"
#include "core/time.hpp"

#include <string_view>

namespace postern::daemon {

// What every program tells of itself, under the names that Prometheus' own libraries use.
class ProcessMetrics {
 public:
    struct Parts {
        MetricRegistry& registry;
        const Clock& clock;
        std::string_view store;  // the library behind it and its version
    };
    explicit ProcessMetrics(const Parts& parts);

    void refresh();

 private:
    Counter cpu_seconds_;
    Gauge resident_bytes_;
    Gauge open_files_;
};

}  // namespace postern::daemon
