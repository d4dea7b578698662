#pragma once

#include "net/heartbeat.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace postern::daemon {

// Whether work moves, as a watchdog wants to know it: the liveness probe has nothing to say, and
// every io loop comes to its letters, of which the probe sees only the one that answers it.
class Pulse {
 public:
    struct Watched {
        std::string name;
        net::IoThread& thread;
    };
    struct Parts {
        std::vector<Watched> threads;                // all of them run
        std::function<std::string()> why_not_alive;  // empty: the probe is content
    };
    explicit Pulse(Parts parts);

    // Asked at regular intervals: the loop that has not turned since it was asked last, or what the
    // probe says. Empty: work moves.
    std::string standstill();

 private:
    struct Beat {
        explicit Beat(const Watched& watched) : name{watched.name}, heart{watched.thread} {}
        std::string name;
        net::Heartbeat heart;
    };
    std::vector<std::unique_ptr<Beat>> beats_;
    std::function<std::string()> why_not_alive_;
};

}  // namespace postern::daemon
