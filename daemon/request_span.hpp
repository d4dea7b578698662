#pragma once

#include "core/http_message.hpp"
#include "core/span.hpp"
#include "daemon/request_trace.hpp"

#include <string_view>

namespace postern::daemon {

// What a request says in its trace: masked as in the log of requests, and nothing of its body.
struct AnsweredTrace {
    const HttpRequest& request;
    const HttpReply& reply;
    const RequestTrace& trace;
    std::string_view gateway;  // of a webhook; empty: of the API
    TimePoint started_at;
    TimePoint ended_at;
};
Span span_of_request(const AnsweredTrace& answered);

}  // namespace postern::daemon
