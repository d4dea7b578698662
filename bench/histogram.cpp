#include "bench/histogram.hpp"

#include <algorithm>
#include <bit>

namespace postern::bench {

std::size_t Histogram::bucket_of(std::uint64_t microseconds) {
    if (microseconds < kSteps) return microseconds;
    const auto exponent = static_cast<std::size_t>(std::bit_width(microseconds)) - 1;
    const std::size_t step = (microseconds >> (exponent - 6)) & (kSteps - 1);
    return std::min(kSteps * kDoublings - 1, (exponent - 5) * kSteps + step);
}

double Histogram::value_of(std::size_t bucket) {
    if (bucket < kSteps) return static_cast<double>(bucket);
    const std::size_t exponent = bucket / kSteps + 5;
    const std::uint64_t value = (kSteps + bucket % kSteps) << (exponent - 6);
    return static_cast<double>(value);
}

void Histogram::add(std::uint64_t microseconds) {
    ++buckets_[bucket_of(microseconds)];
    ++count_;
}

double Histogram::quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen > wanted) return value_of(bucket);
    }
    return 0;
}

}  // namespace postern::bench
