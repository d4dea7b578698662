#include "daemon/api_metrics.hpp"

#include <algorithm>

namespace postern::daemon {
namespace {

constexpr std::string_view kClasses[] = {"2xx", "3xx", "4xx", "5xx"};
constexpr int kFirstClass = 2;
constexpr int kStatusesInClass = 100;

std::vector<Counter> counters_by_class(MetricRegistry& registry) {
    std::vector<Counter> counters;
    for (const std::string_view status : kClasses) {
        counters.push_back(registry.counter(
            {"postern_api_requests_total", "Requests to the API, by how they were answered"},
            {{"status", status}}
        ));
    }
    return counters;
}

}  // namespace

ApiMetrics::ApiMetrics(MetricRegistry& registry)
    : requests_{counters_by_class(registry)},
      seconds_{registry.histogram(
          {"postern_api_request_seconds", "From a request's last byte to its answer"},
          {0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
      )} {}

void ApiMetrics::observe(int status, std::chrono::steady_clock::duration taken) {
    const int last = static_cast<int>(requests_.size()) - 1;
    const int place = std::clamp(status / kStatusesInClass - kFirstClass, 0, last);
    requests_[static_cast<std::size_t>(place)].add();
    seconds_.observe(std::chrono::duration<double>(taken).count());
}

}  // namespace postern::daemon
