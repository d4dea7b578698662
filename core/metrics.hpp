#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

// Counters, gauges and histograms in Prometheus' text form. A handle is made once, at start, and
// then costs one atomic addition.
namespace postern {

class Counter {
 public:
    explicit Counter(prometheus::Counter& counter) : counter_{&counter} {}
    void add(double amount = 1);
    double value() const;

 private:
    friend class MetricRegistry;
    prometheus::Counter* counter_;
};

class Gauge {
 public:
    explicit Gauge(prometheus::Gauge& gauge) : gauge_{&gauge} {}
    void set(double value);
    void add(double amount);
    double value() const;

 private:
    prometheus::Gauge* gauge_;
};

class Histogram {
 public:
    explicit Histogram(prometheus::Histogram& histogram) : histogram_{&histogram} {}
    void observe(double value);

 private:
    prometheus::Histogram* histogram_;
};

struct MetricName {
    std::string_view name;
    std::string_view help;
};
using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Thread-safe. Asking twice for the same name and labels gives the same metric.
class MetricRegistry {
 public:
    MetricRegistry();
    ~MetricRegistry();

    Counter counter(MetricName name, MetricLabels labels = {});
    // What is asked for again under the same labels begins at zero. No handle may be used any more.
    void remove(MetricName name, const Counter& counter);
    Gauge gauge(MetricName name, MetricLabels labels = {});
    Histogram
    histogram(MetricName name, std::vector<double> upper_bounds, MetricLabels labels = {});

    std::string render() const;
    std::vector<std::string> names() const;

 private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace postern
