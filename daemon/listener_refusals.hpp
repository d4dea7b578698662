#pragma once

#include "core/http_message.hpp"
#include "daemon/accept_language.hpp"

namespace postern::daemon {

// What the listener refused before a handler saw it (sizes, framing, timeouts), in the native
// envelope.
HttpReply listener_refusal(int status, SpokenLanguage language);

}  // namespace postern::daemon
