#pragma once

#include "daemon/store.hpp"

#include <atomic>
#include <string>

namespace postern::daemon {

// What the operator's probes read. Alive means the loop answers; ready means work moves.
class Health {
 public:
    explicit Health(Store& store) : store_{store}, started_{std::chrono::steady_clock::now()} {}

    void begin_stop() { stopping_.store(true, std::memory_order_relaxed); }

    struct Answer {
        enum class State { ready, not_ready } state = State::ready;
        std::string json;
    };
    Answer liveness() const;
    Answer readiness() const;

 private:
    Store& store_;
    std::chrono::steady_clock::time_point started_;
    std::atomic<bool> stopping_{false};
};

}  // namespace postern::daemon
