#pragma once

#include "core/http_message.hpp"
#include "core/trace.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace postern::daemon {

struct AccessedRequest {
    const HttpRequest& request;
    const HttpReply& reply;
    std::optional<TraceContext> trace = {};  // absent: refused before it had one
    std::chrono::microseconds duration{0};
};

// One line of the access log, masked and bounded as the rows of the request log are. What is not
// known is "-".
struct AccessLine {
    std::string method;
    std::string path;
    int status = 0;
    std::size_t body_bytes = 0;
    std::size_t reply_bytes = 0;
    std::chrono::microseconds duration{0};
    std::string peer;
    std::string error_code;
    std::string request_id;
    std::string trace_id;

    bool operator==(const AccessLine&) const = default;
};
AccessLine access_line_of(const AccessedRequest& accessed);
void write_access_line(const AccessedRequest& accessed);

}  // namespace postern::daemon
