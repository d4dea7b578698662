#include "dispatch/breaker.hpp"

#include <algorithm>

namespace postern::dispatch {

Breaker::Breaker(BreakerLimits limits, std::int64_t in_flight_max, const Start& start)
    : limits_{limits},
      in_flight_max_{std::max<std::int64_t>(in_flight_max, 1)},
      allowed_{start.openings > 0 ? 1 : in_flight_max_},
      failing_since_{start.failing_since},
      not_before_{start.not_before},
      failures_{start.failures},
      openings_{start.openings} {}

// A pause that ends later than any pause could was begun by a clock that was wrong since: it does
// not count.
bool Breaker::is_open(TimePoint now) const {
    if (!not_before_ || now >= *not_before_) return false;
    return *not_before_ - now <= std::max(limits_.longest_pause, limits_.pause_wish_max);
}

Breaker::Change Breaker::recover(TimePoint now) {
    const bool was_failing = openings_ > 0;
    // A call that began before the endpoint asked for a pause may still succeed in it.
    const bool pause_stands = !was_failing && is_open(now);
    if (!pause_stands) not_before_.reset();
    failing_since_.reset();
    failures_ = 0;
    openings_ = 0;
    hopeless_said_ = false;
    allowed_ = std::min(allowed_ + 1, in_flight_max_);
    return was_failing ? Change::recovered : Change::none;
}

bool Breaker::must_open(TimePoint now) const {
    if (is_open(now)) return false;
    if (openings_ > 0) return true;  // the probe failed
    return failures_ >= limits_.failures_to_open
           && now - *failing_since_ >= limits_.failing_to_open;
}

void Breaker::open(TimePoint now) {
    std::chrono::seconds pause = limits_.first_pause;
    for (std::int64_t i = 0; i < openings_ && pause < limits_.longest_pause; ++i) pause *= 2;
    openings_ += 1;
    allowed_ = 1;
    not_before_ = now + std::min(pause, limits_.longest_pause);
}

Breaker::Change
Breaker::completed(Signal signal, TimePoint now, std::optional<std::chrono::seconds> pause_wish) {
    if (signal == Signal::success) return recover(now);
    failures_ += 1;
    // A start in the future is of a clock that was set back since.
    failing_since_ = std::min(failing_since_.value_or(now), now);
    if (signal == Signal::overload) allowed_ = std::max<std::int64_t>(allowed_ / 2, 1);
    Change change = Change::none;
    if (must_open(now)) {
        open(now);
        change = Change::opened;
    } else if (!is_open(now)) {
        not_before_.reset();
    }
    if (signal == Signal::overload && pause_wish && pause_wish->count() > 0) {
        const TimePoint until = now + std::min(*pause_wish, limits_.pause_wish_max);
        not_before_ = std::max(not_before_.value_or(until), until);
    }
    const bool is_hopeless = failures_ >= limits_.failures_to_disable
                             && now - *failing_since_ >= limits_.failing_to_disable;
    if (!is_hopeless || hopeless_said_) return change;
    hopeless_said_ = true;
    return Change::hopeless;
}

std::int64_t Breaker::in_flight_allowed(TimePoint now) const {
    if (is_open(now)) return 0;
    return not_before_ ? 1 : allowed_;
}

void Breaker::set_in_flight_max(std::int64_t in_flight_max) {
    const bool was_full = allowed_ == in_flight_max_;
    in_flight_max_ = std::max<std::int64_t>(in_flight_max, 1);
    allowed_ = was_full ? in_flight_max_ : std::min(allowed_, in_flight_max_);
}

void Breaker::reset() {
    allowed_ = in_flight_max_;
    failing_since_.reset();
    not_before_.reset();
    failures_ = 0;
    openings_ = 0;
    hopeless_said_ = false;
}

Breaker::State Breaker::state(TimePoint now) const {
    if (is_open(now)) return State::open;
    if (not_before_) return State::half_open;
    return allowed_ < in_flight_max_ ? State::ramp : State::closed;
}

}  // namespace postern::dispatch
