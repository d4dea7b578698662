#pragma once

#include "daemon/api.hpp"

#include <optional>
#include <string>

namespace postern::daemon {

// The API key of a request: "Bearer <key>", or the user name of Basic authentication as Stripe's
// clients send it. nullopt: none is there, or it cannot be read.
std::optional<std::string> offered_api_key(const HttpFields& fields);

// Who asks, or the 401 that says why not.
net::Task<Result<Identity, HttpReply>>
authenticate(ApiSurroundings& around, const HttpRequest& request, net::IoThread& thread);

}  // namespace postern::daemon
