#pragma once

#include "core/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace postern::dispatch {

struct BreakerLimits {
    std::int64_t failures_to_open = 10;        // in a row …
    std::chrono::seconds failing_to_open{10};  // … and for at least so long
    std::chrono::seconds first_pause{15};
    std::chrono::seconds longest_pause{std::chrono::minutes{10}};
    // Automatic disable: no completed attempt succeeded for so long, and so many failed.
    std::chrono::seconds failing_to_disable{std::chrono::days{5}};
    std::int64_t failures_to_disable = 10;
    std::chrono::seconds pause_wish_max{std::chrono::hours{1}};  // of a Retry-After
};

// Whether an endpoint is worth calling. closed → open after a row of failures → half open, one
// probe → a ramp from one call at a time to all. Time-outs, 429 and 502 to 504 also halve how many
// calls it gets at once, and each success adds one back.
class Breaker {
 public:
    struct Start {  // as it was stored
        std::optional<TimePoint> failing_since;
        std::int64_t failures = 0;
        std::optional<TimePoint> not_before;
        std::int64_t openings = 0;
    };
    Breaker(BreakerLimits limits, std::int64_t in_flight_max, const Start& start);

    enum class Signal : std::uint8_t { success, failure, overload };
    enum class Change : std::uint8_t { none, opened, recovered, hopeless };

    // A completed attempt. `pause_wish` is the endpoint's Retry-After on an overload answer.
    Change completed(
        Signal signal,
        TimePoint now,
        std::optional<std::chrono::seconds> pause_wish = std::nullopt
    );
    // How many calls it may have under way now; 0 while it is open.
    std::int64_t in_flight_allowed(TimePoint now) const;
    std::optional<TimePoint> not_before() const { return not_before_; }
    std::optional<TimePoint> failing_since() const { return failing_since_; }
    std::int64_t failures() const { return failures_; }
    std::int64_t openings() const { return openings_; }
    void set_in_flight_max(std::int64_t in_flight_max);
    // By a person: enabled again, everything forgiven.
    void reset();

    enum class State : std::uint8_t { closed, open, half_open, ramp };
    State state(TimePoint now) const;

 private:
    bool is_open(TimePoint now) const;
    Change recover(TimePoint now);
    bool must_open(TimePoint now) const;
    void open(TimePoint now);

    BreakerLimits limits_;
    std::int64_t in_flight_max_;
    std::int64_t allowed_;
    std::optional<TimePoint> failing_since_;
    std::optional<TimePoint> not_before_;
    std::int64_t failures_ = 0;
    std::int64_t openings_ = 0;
    bool hopeless_said_ = false;
};

}  // namespace postern::dispatch
