#pragma once

#include "core/http_message.hpp"

#include <string>
#include <string_view>

namespace postern::net {

enum class ReplyBody { send, leave_out };  // left out for HEAD
enum class AfterReply { keep_alive, keep_alive_said, close };

struct ReplyForm {
    ReplyBody body = ReplyBody::send;
    AfterReply after = AfterReply::keep_alive;
    std::string_view date;  // an IMF-fixdate
};

// Appends the whole answer as it goes onto the wire.
void append_reply(std::string& out, const HttpReply& reply, const ReplyForm& form);

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::int64_t unix_seconds);

}  // namespace postern::net
