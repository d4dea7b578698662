#pragma once

#include "daemon/commands/metrics_text.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

// What two looks at a page of metrics say about the time between them. Absent: the daemon has no
// such metric, or nothing happened of which there could be a mean.
namespace postern::daemon::commands {

struct MetricsSpan {
    const MetricsText& before;
    const MetricsText& after;
    std::chrono::duration<double> length;
};

// By how much a counter grew, over all samples that are chosen. One that fell began anew with its
// daemon, so what it shows is what it grew by.
using ChooseSample = std::function<bool(const MetricSample&)>;
double growth(const MetricsSpan& span, std::string_view name, const ChooseSample& choose);
double growth(const MetricsSpan& span, const Series& series);

std::optional<double> rate_per_second(const MetricsSpan& span, const Series& series);

// Of a histogram, by its name without an ending.
std::optional<double> mean(const MetricsSpan& span, std::string_view histogram);

// Between the bounds of the bucket in which it lies; above the last bound, that bound.
struct Quantile {
    std::string_view histogram;
    double fraction = 0.5;
};
std::optional<double> value_at(const MetricsSpan& span, const Quantile& quantile);

}  // namespace postern::daemon::commands
