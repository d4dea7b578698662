#pragma once

#include "core/metrics.hpp"
#include "storage/delivery_values.hpp"

#include <array>
#include <vector>

namespace postern::dispatch {

struct DispatchMetrics {
    explicit DispatchMetrics(MetricRegistry& registry);

    Counter& attempts_by(storage::AttemptError error) {
        return attempts[static_cast<std::size_t>(error)];
    }
    Counter& finished_by(storage::DeliveryState state) {
        return finished[static_cast<std::size_t>(state)];
    }

    std::vector<Counter> attempts;  // by AttemptError
    std::vector<Counter> finished;  // by DeliveryState
    Counter stale;
    Counter unrecorded;
    Counter found_by_sweep;
    Histogram attempt_seconds;
    Histogram first_delivery_seconds;
    Gauge in_flight;
    Gauge waiting_in_memory;
    Gauge breakers_open;
    Gauge oldest_due_seconds;
};

}  // namespace postern::dispatch
