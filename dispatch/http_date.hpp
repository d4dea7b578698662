#pragma once

#include "core/time.hpp"

#include <optional>
#include <string_view>

namespace postern::dispatch {

// The three forms that RFC 9110 obliges a recipient to read:
//   Sun, 06 Nov 1994 08:49:37 GMT     Sunday, 06-Nov-94 08:49:37 GMT     Sun Nov  6 08:49:37 1994
// `now` decides the century of the second. The name of the day must be one, but need not be right.
std::optional<TimePoint> parse_http_date(std::string_view text, TimePoint now);

}  // namespace postern::dispatch
