#pragma once

#include "core/ids.hpp"
#include "core/metrics.hpp"
#include "storage/delivery_values.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

namespace postern::dispatch {

// Attempts by endpoint, for as many endpoints as a monitoring system bears: those that fail or are
// busy have a series each, all the others share one named "other". An endpoint's series counts from
// the moment it was given, so what all series count together is what was attempted. One thread.
class EndpointSeries {
 public:
    struct Limits {
        std::size_t series_max = 50;
        std::size_t watched_max = 10'000;  // what is called beyond these is "other" unseen
    };
    EndpointSeries(MetricRegistry& registry, IdCodec ids)
        : EndpointSeries{registry, ids, Limits{}} {}
    EndpointSeries(MetricRegistry& registry, IdCodec ids, Limits limits);

    struct Attempt {
        EndpointId endpoint;
        storage::AttemptError error = storage::AttemptError::none;
        std::chrono::microseconds took{0};
    };
    void count(const Attempt& attempt);

    // At regular intervals: gives the series to who deserves them, and forgets who is quiet.
    void choose();

 private:
    struct Series {
        Counter delivered;
        Counter failed;
        Counter seconds;
        void count(const Attempt& attempt);
    };
    struct Watched {
        double weight = 0;
        std::optional<Series> series;
        double claim() const;
    };

    Series open(std::string_view endpoint);
    void close(Watched& watched);
    void fade();

    MetricRegistry& registry_;
    const IdCodec ids_;
    const Limits limits_;
    std::map<EndpointId, Watched> watched_;
    std::size_t open_ = 0;
    Series other_;
};

}  // namespace postern::dispatch
