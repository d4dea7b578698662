#pragma once

#include "core/metrics.hpp"
#include "storage/attempt_repository.hpp"
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

    // A phase that an attempt did not go through, as on a connection that was open, is not counted.
    void observe(const storage::AttemptPhases& phases);

    std::vector<Counter> attempts;  // by AttemptError
    std::vector<Counter> finished;  // by DeliveryState
    Counter stale;
    Counter unrecorded;
    Counter found_by_sweep;
    Histogram attempt_seconds;
    Histogram dns_seconds;
    Histogram connect_seconds;
    Histogram tls_seconds;
    Histogram first_byte_seconds;
    Histogram first_delivery_seconds;
    Gauge in_flight;
    Gauge waiting_in_memory;
    Gauge breakers_open;
    Gauge oldest_due_seconds;
};

}  // namespace postern::dispatch
