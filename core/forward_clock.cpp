#include "core/forward_clock.hpp"

#include <algorithm>
#include <utility>

namespace postern {

ForwardClock::ForwardClock(const Clock& wall, SteadyNow steady_now)
    : wall_{wall},
      steady_now_{std::move(steady_now)},
      last_{wall.now()},
      last_steady_{steady_now_()} {}

TimePoint ForwardClock::now() const {
    const auto steady = steady_now_();
    const auto elapsed = std::chrono::duration_cast<Microseconds>(steady - last_steady_);
    // The remainder below a microsecond stays in last_steady_, so that many short steps add up.
    last_steady_ += elapsed;
    last_ = std::max(last_ + elapsed, wall_.now());
    return last_;
}

}  // namespace postern
