#include "dispatch/dispatch_metrics.hpp"

namespace postern::dispatch {

using storage::AttemptError;
using storage::DeliveryState;

namespace {

constexpr std::size_t kStateCount = 7;

std::vector<Counter> attempt_counters(MetricRegistry& registry) {
    std::vector<Counter> counters;
    for (std::size_t i = 0; i < storage::kAttemptErrorCount; ++i) {
        const auto error = static_cast<AttemptError>(i);
        counters.push_back(registry.counter(
            {"postern_delivery_attempts_total", "Attempts that ended, by what went wrong"},
            {{"error", error == AttemptError::none ? "none" : to_text(error)}}
        ));
    }
    return counters;
}

std::vector<Counter> finish_counters(MetricRegistry& registry) {
    std::vector<Counter> counters;
    for (std::size_t i = 0; i < kStateCount; ++i) {
        counters.push_back(registry.counter(
            {"postern_deliveries_recorded_total", "Steps of deliveries that were written down"},
            {{"state", to_text(static_cast<DeliveryState>(i))}}
        ));
    }
    return counters;
}

Histogram phase_seconds(MetricRegistry& registry, std::string_view phase) {
    return registry.histogram(
        {"postern_delivery_phase_seconds", "How long the phases of attempts take"},
        {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30},
        {{"phase", phase}}
    );
}

void observe_if_any(Histogram& histogram, std::chrono::microseconds duration) {
    if (duration.count() > 0) histogram.observe(std::chrono::duration<double>(duration).count());
}

}  // namespace

DispatchMetrics::DispatchMetrics(MetricRegistry& registry)
    : attempts{attempt_counters(registry)},
      finished{finish_counters(registry)},
      stale{registry.counter(
          {"postern_deliveries_stale_total", "Ends of attempts that came after somebody's change"}
      )},
      unrecorded{registry.counter(
          {"postern_deliveries_unrecorded_total", "Ends of attempts that could not be written yet"}
      )},
      found_by_sweep{registry.counter(
          {"postern_deliveries_found_overdue_total", "Overdue deliveries that the sweep found"}
      )},
      attempt_seconds{registry.histogram(
          {"postern_delivery_attempt_seconds", "How long attempts take"},
          {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30}
      )},
      dns_seconds{phase_seconds(registry, "dns")},
      connect_seconds{phase_seconds(registry, "connect")},
      tls_seconds{phase_seconds(registry, "tls")},
      first_byte_seconds{phase_seconds(registry, "first_byte")},
      first_delivery_seconds{registry.histogram(
          {"postern_delivery_first_seconds", "From the commit to delivery, at the first attempt"},
          {0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60}
      )},
      in_flight{registry.gauge({"postern_delivery_in_flight", "Attempts under way"})},
      waiting_in_memory{registry.gauge(
          {"postern_delivery_window_items", "Deliveries held in memory; the rest is in the store"}
      )},
      breakers_open{registry.gauge(
          {"postern_delivery_breakers_open", "Endpoints that are paused because they fail"}
      )},
      oldest_due_seconds{registry.gauge(
          {"postern_delivery_oldest_due_seconds",
           "How long the oldest delivery that could be sent has been due"}
      )} {}

void DispatchMetrics::observe(const storage::AttemptPhases& phases) {
    observe_if_any(dns_seconds, phases.dns);
    observe_if_any(connect_seconds, phases.connect);
    observe_if_any(tls_seconds, phases.tls);
    observe_if_any(first_byte_seconds, phases.first_byte);
}

}  // namespace postern::dispatch
