#pragma once

#include "core/json_document.hpp"
#include "core/json_writer.hpp"

#include <cstddef>
#include <string_view>

namespace postern::daemon {

// A value read from one document, written into another; numbers keep their spelling.
void append_json(JsonWriter& writer, JsonValue value);

// The text of an object's member as it was sent, to the byte: what a merchant asks to have
// delivered is theirs to spell. `object` must be a JSON object that has been parsed, `index` count
// its members from 0.
std::string_view raw_member(std::string_view object, std::size_t index);

}  // namespace postern::daemon
