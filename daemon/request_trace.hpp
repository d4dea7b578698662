#pragma once

#include "core/http_message.hpp"
#include "core/trace.hpp"

namespace postern::daemon {

inline constexpr std::string_view kTraceparentField = "traceparent";

// The trace that a request goes on with, or begins.
struct RequestTrace {
    TraceContext context;  // of the request with us
    SpanId parent;         // whoever sent it; zeros: it begins here
};

// What was told counts when it is right to the letter, and told once.
RequestTrace trace_of(const HttpFields& fields);

void append_traceparent(HttpReply& reply, const TraceContext& context);

}  // namespace postern::daemon
