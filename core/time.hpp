#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

using Microseconds = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<Microseconds>;

// Wall time comes in through this door only, so that tests and simulations can own it.
class Clock {
 public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
 public:
    TimePoint now() const override;
};

constexpr TimePoint from_unix_seconds(std::int64_t seconds) {
    return TimePoint{std::chrono::seconds{seconds}};
}
constexpr TimePoint from_unix_milliseconds(std::int64_t milliseconds) {
    return TimePoint{std::chrono::milliseconds{milliseconds}};
}
constexpr TimePoint from_unix_microseconds(std::int64_t microseconds) {
    return TimePoint{Microseconds{microseconds}};
}
constexpr std::int64_t unix_seconds(TimePoint at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}
constexpr std::int64_t unix_milliseconds(TimePoint at) {
    return std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
}
constexpr std::int64_t unix_microseconds(TimePoint at) {
    return at.time_since_epoch().count();
}

// 2026-01-28T10:00:00.123Z
std::string to_iso8601(TimePoint at);

// Takes what RFC 3339 allows and a bare date (midnight UTC); nothing else.
std::optional<TimePoint> from_iso8601(std::string_view text);

}  // namespace postern
