#include "daemon/commands/metric_rates.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <string>

namespace postern::daemon::commands {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double value_before(const MetricsSpan& span, std::string_view name, const MetricSample& sample) {
    for (const MetricSample& candidate : span.before.samples(name)) {
        if (candidate.labels == sample.labels) return candidate.value;
    }
    return 0;
}

double growth_of(const MetricsSpan& span, std::string_view name, const MetricSample& sample) {
    const double before = value_before(span, name, sample);
    return sample.value < before ? sample.value : sample.value - before;
}

std::string with_ending(std::string_view histogram, const char* ending) {
    std::string name{histogram};
    name += ending;
    return name;
}

std::optional<double> upper_bound_of(const MetricSample& bucket) {
    const auto found = bucket.labels.find("le");
    if (found == bucket.labels.end()) return std::nullopt;
    const std::string& text = found->second;
    if (text == "+Inf") return kInfinity;
    double bound = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), bound);
    if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    return bound;
}

// How many were at most each bound.
std::map<double, double> buckets_of(const MetricsSpan& span, std::string_view histogram) {
    const std::string name = with_ending(histogram, "_bucket");
    std::map<double, double> buckets;
    for (const MetricSample& sample : span.after.samples(name)) {
        const auto bound = upper_bound_of(sample);
        if (bound) buckets[*bound] += growth_of(span, name, sample);
    }
    return buckets;
}

}  // namespace

double growth(const MetricsSpan& span, std::string_view name, const ChooseSample& choose) {
    double total = 0;
    for (const MetricSample& sample : span.after.samples(name)) {
        if (choose(sample)) total += growth_of(span, name, sample);
    }
    return total;
}

double growth(const MetricsSpan& span, const Series& series) {
    return growth(span, series.name, [&series](const MetricSample& sample) {
        return belongs(sample, series);
    });
}

std::optional<double> rate_per_second(const MetricsSpan& span, const Series& series) {
    if (span.length.count() <= 0 || !span.after.has(series.name)) return std::nullopt;
    return growth(span, series) / span.length.count();
}

std::optional<double> mean(const MetricsSpan& span, std::string_view histogram) {
    const std::string count_name = with_ending(histogram, "_count");
    const std::string sum_name = with_ending(histogram, "_sum");
    const double count = growth(span, {.name = count_name});
    if (count <= 0) return std::nullopt;
    return growth(span, {.name = sum_name}) / count;
}

std::optional<double> value_at(const MetricsSpan& span, const Quantile& quantile) {
    const auto buckets = buckets_of(span, quantile.histogram);
    if (buckets.empty() || buckets.rbegin()->second <= 0) return std::nullopt;
    const double rank = quantile.fraction * buckets.rbegin()->second;
    double bound_below = 0;
    double count_below = 0;
    for (const auto& [bound, count] : buckets) {
        if (count < rank || count <= count_below) {
            bound_below = std::isinf(bound) ? bound_below : bound;
            count_below = std::max(count, count_below);
            continue;
        }
        if (std::isinf(bound)) return bound_below;
        const double share = (rank - count_below) / (count - count_below);
        return bound_below + (bound - bound_below) * std::max(share, 0.0);
    }
    return bound_below;
}

}  // namespace postern::daemon::commands
