#pragma once

#include "core/time.hpp"

#include <chrono>
#include <functional>

namespace postern {

// Wall time that never turns back: after the wall clock was set back it goes on at its own pace
// until the wall has caught up. Due times that were computed before stay as far away as they were.
class ForwardClock final : public Clock {
 public:
    using SteadyNow = std::function<std::chrono::steady_clock::time_point()>;
    explicit ForwardClock(
        const Clock& wall,
        SteadyNow steady_now = &std::chrono::steady_clock::now
    );
    // One thread.
    TimePoint now() const override;

 private:
    const Clock& wall_;
    SteadyNow steady_now_;
    mutable TimePoint last_;
    mutable std::chrono::steady_clock::time_point last_steady_;
};

}  // namespace postern
