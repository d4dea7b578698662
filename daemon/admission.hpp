#pragma once

#include "daemon/api.hpp"
#include "daemon/api_limits.hpp"

#include <optional>

namespace postern::daemon {

// What a request met at the door of the API.
struct Admission {
    std::optional<Identity> identity = std::nullopt;  // of a key that was proved
    std::optional<RateGrant> grant = std::nullopt;    // what its key may still ask
    std::optional<HttpReply> refusal = std::nullopt;
};

// Proves the key, counts the request, and looks whether the key may do what the route does; in that
// order, so that whoever is over the limit costs nothing more. A route without keys admits all.
net::Task<Admission> admit(
    ApiSurroundings& around,
    const HttpRequest& request,
    net::IoThread& thread,
    const Route& route
);

// Whether that key may use that route; the refusal names what it lacks. nullopt: it may.
std::optional<HttpReply> refuse_access(const Identity& identity, const Route& route);

}  // namespace postern::daemon
