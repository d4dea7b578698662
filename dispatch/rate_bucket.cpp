#include "dispatch/rate_bucket.hpp"

#include <algorithm>

namespace postern::dispatch {
namespace {

constexpr std::int64_t kBurstsPerSecond = 10;

}  // namespace

void RateBucket::set_rate(std::int64_t rate_per_second) {
    if (rate_per_second <= 0) {
        interval_ = burst_ = Microseconds{0};
        return;
    }
    interval_ = Microseconds{std::chrono::seconds{1}} / rate_per_second;
    burst_ = interval_ * (std::max<std::int64_t>(rate_per_second / kBurstsPerSecond, 1) - 1);
}

TimePoint RateBucket::next_at(TimePoint now) const {
    // Further ahead than any row of calls can fill: the clock was set back since.
    if (spent_until_ > now + interval_ + burst_) return now;
    return spent_until_ - burst_;
}

void RateBucket::take(TimePoint now) {
    const bool set_back = spent_until_ > now + interval_ + burst_;
    spent_until_ = (set_back ? now : std::max(spent_until_, now)) + interval_;
}

}  // namespace postern::dispatch
