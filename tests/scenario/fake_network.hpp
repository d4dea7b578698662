#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "dispatch/attempt.hpp"
#include "tests/scenario/random.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace postern::scenario {

enum class Behaviour : std::uint8_t {
    healthy,
    slow,           // answers 2xx, seconds later
    refusing,       // nothing listens
    flapping,       // each call succeeds or fails
    failing,        // 500
    overloaded,     // 429 or 503, sometimes with Retry-After
    gone,           // 410
    asks_to_stop,   // webhook-delivery: disable, with a failure
    asks_to_abort,  // webhook-delivery: abort-message
    loses_replies,  // takes it, and we see a time-out
    hangs,          // takes nothing, and we see a time-out
    redirects,
    odd,  // statuses outside of everybody's rules
};

// From then on, until the next phase.
struct Phase {
    Microseconds from;
    Behaviour behaviour = Behaviour::healthy;
};

// What one call comes to.
struct CallOutcome {
    enum class Reaches : std::uint8_t { nobody, endpoint } reaches = Reaches::endpoint;
    Microseconds arrives_after{0};
    Microseconds answered_after{0};
    dispatch::AttemptResult result;  // without the time it began
    bool accepted = false;           // the endpoint answered 2xx, whether we saw it or not
};

class FakeNetwork {
 public:
    explicit FakeNetwork(Random random) : random_{random} {}

    void put(EndpointId endpoint, std::vector<Phase> phases);
    struct Call {
        EndpointId endpoint;
        Microseconds at;  // true time
        TimePoint now;    // as the endpoint's Retry-After dates mean it
        std::chrono::seconds timeout;
    };
    CallOutcome call(const Call& call);
    Behaviour behaviour(EndpointId endpoint, Microseconds at) const;
    // The last moment up to `at` when it was anything but healthy.
    Microseconds last_trouble(EndpointId endpoint, Microseconds at) const;

 private:
    CallOutcome answer(std::string_view retry_after, std::string_view wish, int status);
    CallOutcome overloaded(const Call& call);
    CallOutcome timed_out(const Call& call);
    CallOutcome odd();

    Random random_;
    std::map<EndpointId, std::vector<Phase>> phases_;
};

// Sun, 06 Nov 1994 08:49:37 GMT
std::string http_date(TimePoint at);

}  // namespace postern::scenario
