#pragma once

#include "core/json_writer.hpp"
#include "core/unified_event.hpp"

#include <string_view>

namespace postern::daemon {

std::string_view event_description(EventType type);

// The JSON Schema of the whole event as it is shown and delivered.
void append_event_schema(JsonWriter& writer, EventType type);

// An event of this type with everything that a talkative provider says.
void append_event_example(JsonWriter& writer, EventType type);

}  // namespace postern::daemon
