#pragma once

#include "core/json_document.hpp"
#include "core/time.hpp"
#include "core/unified_event.hpp"

#include <optional>
#include <string>
#include <string_view>

// Times as providers write them: when a request was signed, and when an event happened.
namespace postern::verifiers {

enum class TimestampUnit { seconds, milliseconds };

// A Unix time that stands alone, as in a header: digits only. What lies beyond the year 9999 is no
// time.
std::optional<TimePoint> parse_unix_time(std::string_view text, TimestampUnit unit);

struct WrittenTime {
    std::string_view text;       // "2025-06-16 01:59:59", "2025-06-15T15:59:57+0000"
    std::string_view zone = {};  // "+08:00", for a text that does not carry its own
};

// ISO 8601 in UTC; empty when the text is no time or no zone is known.
std::string event_time(const WrittenTime& written);

// Unix seconds or milliseconds as a number (its size tells which), or an ISO 8601 text. What is
// neither leaves the event without a time.
void read_occurred_at(UnifiedEvent& event, JsonValue time);

}  // namespace postern::verifiers
