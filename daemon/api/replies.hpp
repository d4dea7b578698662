#pragma once

#include "core/json_writer.hpp"
#include "daemon/api.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::daemon {

inline constexpr std::string_view kJsonContentType = "application/json; charset=utf-8";

HttpReply json_reply(std::string body);

// {"data":[ … ],"has_more":…,"next_cursor":…}: begin, write the items, end.
void begin_list(JsonWriter& writer);
void end_list(JsonWriter& writer, const std::optional<std::string>& next_cursor);

// One answer for what is not there and for what is somebody else's.
HttpReply not_found_reply(std::string_view what);
// The same of something that may have gone since it was old; an id tells how old it is.
struct AgingThing {
    std::string_view what;
    std::int64_t id = 0;
    std::chrono::days kept{0};  // 0: for ever
};
HttpReply not_found_reply(const ApiCall& call, const AgingThing& thing);
HttpReply conflict_reply(std::string message);

}  // namespace postern::daemon
