#include "dispatch/endpoint_series.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace postern::dispatch {

using storage::AttemptError;

namespace {

constexpr MetricName kAttempts{
    "postern_endpoint_attempts_total",
    "Attempts by endpoint; other: those without a series"};
constexpr MetricName kSeconds{
    "postern_endpoint_attempt_seconds_total",
    "How long the attempts took, summed up"};
constexpr std::string_view kOther = "other";

// Whoever looks at a list of endpoints looks for those that fail.
constexpr double kWeightOfFailure = 10;
// Between two choices half of the past is forgotten, and in the end all of it.
constexpr double kFading = 0.5;
constexpr double kWeightMin = 0.05;
// Who has a series keeps it unless another deserves it twice as much: series that come and go show
// nothing.
constexpr double kIncumbency = 2;

}  // namespace

void EndpointSeries::Series::count(const Attempt& attempt) {
    (attempt.error == AttemptError::none ? delivered : failed).add();
    seconds.add(std::chrono::duration<double>(attempt.took).count());
}

double EndpointSeries::Watched::claim() const {
    return series ? weight * kIncumbency : weight;
}

EndpointSeries::EndpointSeries(MetricRegistry& registry, IdCodec ids, Limits limits)
    : registry_{registry}, ids_{ids}, limits_{limits}, other_{open(kOther)} {
    open_ = 0;
}

EndpointSeries::Series EndpointSeries::open(std::string_view endpoint) {
    ++open_;
    return {
        .delivered =
            registry_.counter(kAttempts, {{"endpoint", endpoint}, {"outcome", "delivered"}}),
        .failed = registry_.counter(kAttempts, {{"endpoint", endpoint}, {"outcome", "failed"}}),
        .seconds = registry_.counter(kSeconds, {{"endpoint", endpoint}})};
}

void EndpointSeries::close(Watched& watched) {
    if (!watched.series) return;
    registry_.remove(kAttempts, watched.series->delivered);
    registry_.remove(kAttempts, watched.series->failed);
    registry_.remove(kSeconds, watched.series->seconds);
    watched.series.reset();
    --open_;
}

void EndpointSeries::count(const Attempt& attempt) {
    auto found = watched_.find(attempt.endpoint);
    if (found == watched_.end()) {
        if (watched_.size() >= limits_.watched_max) return other_.count(attempt);
        found = watched_.try_emplace(attempt.endpoint).first;
        const bool free = open_ < limits_.series_max;
        if (free) found->second.series = open(ids_.encode(attempt.endpoint));
    }
    Watched& watched = found->second;
    watched.weight += attempt.error == AttemptError::none ? 1 : kWeightOfFailure;
    (watched.series ? *watched.series : other_).count(attempt);
}

void EndpointSeries::fade() {
    for (auto at = watched_.begin(); at != watched_.end();) {
        at->second.weight *= kFading;
        if (at->second.weight >= kWeightMin) {
            ++at;
            continue;
        }
        close(at->second);
        at = watched_.erase(at);
    }
}

void EndpointSeries::choose() {
    fade();
    std::vector<std::pair<EndpointId, Watched*>> claims;
    for (auto& [endpoint, watched] : watched_) claims.emplace_back(endpoint, &watched);
    const std::size_t chosen = std::min(claims.size(), limits_.series_max);
    const auto border = claims.begin() + static_cast<std::ptrdiff_t>(chosen);
    const auto deserves_more = [](const auto& left, const auto& right) {
        return left.second->claim() > right.second->claim();
    };
    std::nth_element(claims.begin(), border, claims.end(), deserves_more);
    for (auto at = border; at != claims.end(); ++at) close(*at->second);
    for (auto at = claims.begin(); at != border; ++at) {
        if (!at->second->series) at->second->series = open(ids_.encode(at->first));
    }
}

}  // namespace postern::dispatch
