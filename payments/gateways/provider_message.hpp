#pragma once

#include "core/result.hpp"
#include "core/unified_event.hpp"
#include "storage/values.hpp"

#include <chrono>
#include <string>

namespace postern::payments {

// What a sandbox gateway will say to our own receiver, in the provider's words and with its
// signature; kept in the store until the receiver has taken it.
struct ProviderMessage {
    UnifiedEvent event;  // type, the gateway's ids, amount, currency, reason, outcome
    std::chrono::milliseconds delay{0};  // after the commit
    std::string unique;  // makes the provider's event id; equal however often posted
    bool operator==(const ProviderMessage&) const = default;
};

std::string to_json(const ProviderMessage& message);
Result<ProviderMessage, Complaint> provider_message_from_json(std::string_view json);

}  // namespace postern::payments
