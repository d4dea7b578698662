#include "verifiers/event_ids.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"

namespace postern::verifiers {

std::string event_id_or_digest(const EventOrigin& origin) {
    if (!origin.id.empty()) return std::string{origin.id};
    std::string digest = "sha256-";  // no ':', which joins the parts of ids made of several
    digest += to_hex(sha256(origin.sent));
    return digest;
}

}  // namespace postern::verifiers
