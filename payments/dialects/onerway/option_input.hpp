#pragma once

#include "core/parameters.hpp"

#include <optional>
#include <string>

namespace postern::payments::onerway {

// payment_method_options as they will be shown, a JSON object; empty: taken away. The list of what
// may be said is closed: what is taken is honoured, and nothing of a card's number or code can be
// kept by this way.
std::optional<std::string> read_method_options(Parameters& parameters);

}  // namespace postern::payments::onerway
