#include "verifiers/event_times.hpp"

#include "core/numbers.hpp"

namespace postern::verifiers {
namespace {

// The end of the year 9999: far beyond it the arithmetic in microseconds would overflow.
constexpr std::uint64_t kUnixSecondsMax = 253'402'300'799;
constexpr std::uint64_t kMillisecondsPerSecond = 1000;
// As seconds this is the year 5138, as milliseconds 1973: payments lie in between.
constexpr std::uint64_t kSurelyMilliseconds = 100'000'000'000;

}  // namespace

std::optional<TimePoint> parse_unix_time(std::string_view text, TimestampUnit unit) {
    const auto count = parse_unsigned(text);
    if (!count) return std::nullopt;
    if (unit == TimestampUnit::milliseconds) {
        if (*count / kMillisecondsPerSecond > kUnixSecondsMax) return std::nullopt;
        return from_unix_milliseconds(static_cast<std::int64_t>(*count));
    }
    if (*count > kUnixSecondsMax) return std::nullopt;
    return from_unix_seconds(static_cast<std::int64_t>(*count));
}

std::string event_time(const WrittenTime& written) {
    std::string text{written.text};
    text += written.zone;
    const auto at = from_iso8601(text);
    return at ? to_iso8601(*at) : std::string{};
}

void read_occurred_at(UnifiedEvent& event, JsonValue time) {
    std::optional<TimePoint> at;
    if (const auto count = parse_unsigned(time.number())) {
        at = parse_unix_time(
            time.number(),
            *count < kSurelyMilliseconds ? TimestampUnit::seconds : TimestampUnit::milliseconds
        );
    } else {
        at = from_iso8601(time.string());
    }
    if (at) event.occurred_at = to_iso8601(*at);
}

}  // namespace postern::verifiers
