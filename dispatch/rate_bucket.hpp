#pragma once

#include "core/time.hpp"

#include <cstdint>

namespace postern::dispatch {

// How often an endpoint may be called. A tenth of a second's worth may go at once, so that a
// receiver never sees much more than its rate in any second.
class RateBucket {
 public:
    explicit RateBucket(std::int64_t rate_per_second) { set_rate(rate_per_second); }

    void set_rate(std::int64_t rate_per_second);  // 0: no limit
    // When the next call may begin; `now` or earlier: at once.
    TimePoint next_at(TimePoint now) const;
    void take(TimePoint now);
    // As if somebody had taken all that may go at once.
    void drain(TimePoint now) { spent_until_ = now + interval_ + burst_; }

 private:
    Microseconds interval_{0};
    Microseconds burst_{0};
    TimePoint spent_until_;  // calls so far fill the time until then
};

}  // namespace postern::dispatch
