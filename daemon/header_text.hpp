#pragma once

#include "core/http_message.hpp"
#include "core/json_writer.hpp"

#include <string>
#include <string_view>

namespace postern::daemon {

// What the inbox keeps of a request's fields: "Name: value\n" each, in the order received. Values
// that let somebody in are stored as "***", so no backup or console can leak them.
std::string header_text(const HttpFields& fields);

// The fields again, as views into the text.
HttpFields parse_header_text(std::string_view text);

// Name to value; to an array of values where a name came several times.
void append_header_object(JsonWriter& writer, const HttpFields& fields);

}  // namespace postern::daemon
