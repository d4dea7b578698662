#pragma once

#include <string>
#include <string_view>

namespace postern::verifiers {

struct EventOrigin {
    std::string_view id;    // the provider's own; may be empty
    std::string_view sent;  // the body, or what of it tells this event from others
};

// The provider's id, or where it gave none the digest of what it sent: a repetition then still has
// the same id, and two different events never share one, which would drop the second.
std::string event_id_or_digest(const EventOrigin& origin);

}  // namespace postern::verifiers
