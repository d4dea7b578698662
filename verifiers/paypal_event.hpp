#pragma once

#include "core/json_document.hpp"
#include "core/unified_event.hpp"

#include <optional>

namespace postern::verifiers {

// PayPal's event in our words, if it has some.
std::optional<UnifiedEvent> unify_paypal_event(JsonValue event);

}  // namespace postern::verifiers
