#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon::commands {

struct MetricSample {
    std::map<std::string, std::string, std::less<>> labels;
    double value = 0;
};

// The samples of one name, or those of them that bear one label.
struct Series {
    std::string_view name;
    std::string_view label = {};  // empty: all
    std::string_view value = {};
};
bool belongs(const MetricSample& sample, const Series& series);

// One look at a page of metrics in Prometheus' text form.
class MetricsText {
 public:
    // What is no sample is skipped: another version's daemon may say more than is understood here.
    static MetricsText parse(std::string_view text);

    bool has(std::string_view name) const { return !samples(name).empty(); }
    std::span<const MetricSample> samples(std::string_view name) const;
    double sum(const Series& series) const;
    // Each value of the label once, in order.
    std::vector<std::string> values_of(std::string_view name, const char* label) const;

 private:
    std::map<std::string, std::vector<MetricSample>, std::less<>> by_name_;
};

}  // namespace postern::daemon::commands
