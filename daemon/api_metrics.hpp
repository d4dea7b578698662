#pragma once

#include "core/metrics.hpp"

#include <chrono>
#include <vector>

namespace postern::daemon {

// How the API answers, all its faces together.
class ApiMetrics {
 public:
    explicit ApiMetrics(MetricRegistry& registry);

    // Any thread.
    void observe(int status, std::chrono::steady_clock::duration taken);

 private:
    std::vector<Counter> requests_;  // by the first digit of the status, from 2
    Histogram seconds_;
};

}  // namespace postern::daemon
