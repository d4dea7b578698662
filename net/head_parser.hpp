#pragma once

#include "core/http_message.hpp"
#include "net/request_head.hpp"

#include <string_view>

namespace postern::net {

// Beast's parser over a head that the scanner has passed: fields become views into `head_bytes`.
// False when the two disagree about how the message is framed; such a message is not served.
bool parse_request_head(
    std::string_view head_bytes,
    const RequestHead& scanned,
    HttpRequest& request
);

}  // namespace postern::net
