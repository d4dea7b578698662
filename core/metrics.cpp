#include "core/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>

namespace postern {

struct MetricRegistry::Families {
    // Asking for a family twice by the same name and help merges them.
    prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
};

namespace {

std::map<std::string, std::string> to_map(MetricLabels labels) {
    std::map<std::string, std::string> map;
    for (const auto& [name, value] : labels) map.emplace(name, value);
    return map;
}

template <class Builder>
auto& family(Builder builder, MetricName name, prometheus::Registry& registry) {
    return builder.Name(std::string{name.name}).Help(std::string{name.help}).Register(registry);
}

}  // namespace

void Counter::add(double amount) {
    counter_->Increment(amount);
}
double Counter::value() const {
    return counter_->Value();
}
void Gauge::set(double value) {
    gauge_->Set(value);
}
void Gauge::add(double amount) {
    gauge_->Increment(amount);
}
double Gauge::value() const {
    return gauge_->Value();
}
void Histogram::observe(double value) {
    histogram_->Observe(value);
}

MetricRegistry::MetricRegistry() : families_{std::make_unique<Families>()} {}
MetricRegistry::~MetricRegistry() = default;

Counter MetricRegistry::counter(MetricName name, MetricLabels labels) {
    auto& counters = family(prometheus::BuildCounter(), name, families_->registry);
    return Counter{counters.Add(to_map(labels))};
}

void MetricRegistry::remove(MetricName name, const Counter& counter) {
    family(prometheus::BuildCounter(), name, families_->registry).Remove(counter.counter_);
}

Gauge MetricRegistry::gauge(MetricName name, MetricLabels labels) {
    auto& gauges = family(prometheus::BuildGauge(), name, families_->registry);
    return Gauge{gauges.Add(to_map(labels))};
}

Histogram
MetricRegistry::histogram(MetricName name, std::vector<double> upper_bounds, MetricLabels labels) {
    auto& histograms = family(prometheus::BuildHistogram(), name, families_->registry);
    return Histogram{histograms.Add(to_map(labels), upper_bounds)};
}

std::string MetricRegistry::render() const {
    return prometheus::TextSerializer{}.Serialize(families_->registry.Collect());
}

std::vector<std::string> MetricRegistry::names() const {
    std::vector<std::string> names;
    for (const auto& collected : families_->registry.Collect()) names.push_back(collected.name);
    return names;
}

}  // namespace postern
