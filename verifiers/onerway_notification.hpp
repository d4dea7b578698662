#pragma once

#include "core/json_document.hpp"
#include "core/unified_event.hpp"

#include <optional>
#include <string>

// The JSON that Onerway posts about transactions, refunds and chargebacks.
namespace postern::verifiers {

// What Onerway hashes in front of the secret: the values of a notification in the order of their
// names, without those it leaves out. nullopt: a name twice, or a value that is no text.
std::optional<std::string> onerway_signed_text(JsonValue notification);

// Its id is made of kind, transaction and status: Onerway has none of its own.
ProviderEvent onerway_event(JsonValue notification);

}  // namespace postern::verifiers
