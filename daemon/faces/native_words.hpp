#pragma once

#include "core/http_message.hpp"
#include "daemon/faces/native_error.hpp"

namespace postern::daemon {

// An error of the native envelope in the language that the request asks for. What answers for every
// route (keys, limits, the store) speaks English; what a route says in the caller's language
// already, and what says which field is wrong, stays as it is.
HttpReply in_asked_language(const HttpRequest& request, HttpReply reply);

}  // namespace postern::daemon
