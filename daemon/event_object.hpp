#pragma once

#include "core/unified_event.hpp"

#include <string>
#include <string_view>

namespace postern::daemon {

// Appends an event's `data.object` as JSON: the payment, refund, dispute or payout as far as the
// provider's message tells. What it does not tell is null, and never guessed.
void append_event_object(std::string& out, const UnifiedEvent& event, std::string_view gateway_id);

// "payment", "refund", "dispute", "payout".
std::string_view object_name(EventSubject subject);

}  // namespace postern::daemon
