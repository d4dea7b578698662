#include "daemon/commands/metrics_text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace postern::daemon::commands {
namespace {

constexpr std::string_view kBlank = " \t\r";

void skip_blanks(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlank), rest.size()));
}

std::string_view take_word(std::string_view& rest) {
    const std::string_view word = rest.substr(0, rest.find_first_of(kBlank));
    rest.remove_prefix(word.size());
    return word;
}

std::optional<std::string> take_quoted(std::string_view& rest) {
    if (!rest.starts_with('"')) return std::nullopt;
    std::string text;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            rest.remove_prefix(i + 1);
            return text;
        }
        const bool escaped = rest[i] == '\\';
        if (escaped && ++i == rest.size()) return std::nullopt;
        text += escaped && rest[i] == 'n' ? '\n' : rest[i];
    }
    return std::nullopt;
}

// What stands in braces; false: it is not as it should be.
bool take_labels(std::string_view& rest, MetricSample& sample) {
    if (!rest.starts_with('{')) return true;
    rest.remove_prefix(1);
    skip_blanks(rest);
    while (!rest.starts_with('}')) {
        const auto equals = rest.find('=');
        if (equals == std::string_view::npos) return false;
        std::string name{rest.substr(0, equals)};
        rest.remove_prefix(equals + 1);
        auto value = take_quoted(rest);
        if (!value) return false;
        sample.labels.insert_or_assign(std::move(name), std::move(*value));
        if (!rest.starts_with(',') && !rest.starts_with('}')) return false;
        if (rest.starts_with(',')) rest.remove_prefix(1);
        skip_blanks(rest);
    }
    rest.remove_prefix(1);
    return true;
}

// Go's spelling: the standard one, and infinity may have a plus.
std::optional<double> read_number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

}  // namespace

bool belongs(const MetricSample& sample, const Series& series) {
    if (series.label.empty()) return true;
    const auto found = sample.labels.find(series.label);
    return found != sample.labels.end() && found->second == series.value;
}

MetricsText MetricsText::parse(std::string_view text) {
    MetricsText metrics;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        skip_blanks(line);
        if (line.empty() || line.starts_with('#')) continue;
        const std::string_view name = line.substr(0, line.find_first_of("{ \t"));
        line.remove_prefix(name.size());
        MetricSample sample;
        if (name.empty() || !take_labels(line, sample)) continue;
        skip_blanks(line);
        const auto value = read_number(take_word(line));  // a timestamp may follow
        if (!value) continue;
        sample.value = *value;
        metrics.by_name_[std::string{name}].push_back(std::move(sample));
    }
    return metrics;
}

std::span<const MetricSample> MetricsText::samples(std::string_view name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return {};
    return found->second;
}

double MetricsText::sum(const Series& series) const {
    double total = 0;
    for (const MetricSample& sample : samples(series.name)) {
        if (belongs(sample, series)) total += sample.value;
    }
    return total;
}

std::vector<std::string> MetricsText::values_of(std::string_view name, const char* label) const {
    std::set<std::string> values;
    for (const MetricSample& sample : samples(name)) {
        const auto found = sample.labels.find(std::string_view{label});
        if (found != sample.labels.end()) values.insert(found->second);
    }
    return {values.begin(), values.end()};
}

}  // namespace postern::daemon::commands
