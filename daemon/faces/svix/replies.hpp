#pragma once

#include "core/http_message.hpp"
#include "core/json_writer.hpp"
#include "daemon/faces/native_error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon::svix {

// Svix's envelope: {"code","detail"}.
struct Error {
    int status = 400;
    std::string_view code;
    std::string detail;
};
HttpReply error_reply(const Error& error);

// One answer for what is not there and for what is somebody else's.
HttpReply not_found_reply();
HttpReply conflict_reply(std::string detail);
// For what Svix's cloud has and this server has not.
HttpReply not_offered_reply(std::string detail);
HttpReply no_content_reply();

// A field that is wrong: {"loc":["body","url"],"msg","type"}, under status 422.
struct Problem {
    std::vector<std::string> where;  // "body", "url"
    std::string message;
};
HttpReply problems_reply(const std::vector<Problem>& problems);

HttpReply in_own_words(const NativeError& error, HttpReply reply);

// {"data":[ … ],"iterator","prevIterator","done"}: begin, write the items, end.
void begin_list(JsonWriter& writer);
struct ListBorders {
    std::optional<std::string> first;  // the ids of the first and the last item shown
    std::optional<std::string> last;
    enum class Rest { some, none } rest = Rest::none;
};
void end_list(JsonWriter& writer, const ListBorders& borders);

}  // namespace postern::daemon::svix
