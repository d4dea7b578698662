#pragma once

#include "daemon/store.hpp"
#include "dispatch/dispatcher.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// What the verdicts below are made of.
struct Vitals {
    enum class Store : std::uint8_t { whole, failed } store = Store::whole;
    enum class Service : std::uint8_t { running, stopping } service = Service::running;
    storage::WriterStatus writer = {};
    dispatch::Standstill standstill = {};
};

// Why nothing should be sent here for a while, the gravest first; empty: all is well.
std::vector<std::string_view> why_not_ready(const Vitals& vitals);
// Why this process will not come to itself again, so that a restart may help; empty: work moves.
std::vector<std::string_view> why_not_alive(const Vitals& vitals);

// What the operator's probes read. Alive means work moves; ready means it moves well enough for
// more.
class Health {
 public:
    Health(Store& store, const dispatch::Dispatcher& dispatcher)
        : store_{store}, dispatcher_{dispatcher}, started_{std::chrono::steady_clock::now()} {}

    void begin_stop() { stopping_.store(true, std::memory_order_relaxed); }

    struct Answer {
        enum class State { ready, not_ready } state = State::ready;
        std::string json;
    };
    Answer liveness() const;
    Answer readiness() const;
    // The gravest reason of the liveness probe; empty: it has none.
    std::string why_not_alive() const;

 private:
    Vitals vitals() const;

    Store& store_;
    const dispatch::Dispatcher& dispatcher_;
    std::chrono::steady_clock::time_point started_;
    std::atomic<bool> stopping_{false};
};

}  // namespace postern::daemon
