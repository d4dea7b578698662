#pragma once

#include "core/json_document.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern {

// The way to a member whose name its object has twice, items of lists by their number: {"card",
// "number"}. Parsers disagree about which of the two counts, so who is asked to move money must
// not guess.
std::optional<std::vector<std::string>> repeated_member(JsonValue value);

}  // namespace postern
