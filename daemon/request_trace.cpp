#include "daemon/request_trace.hpp"

#include <optional>

namespace postern::daemon {
namespace {

// Two of them contradict each other, so neither counts.
std::optional<TraceContext> told_trace(const HttpFields& fields) {
    std::optional<std::string_view> value;
    for (const HttpField& field : fields) {
        if (!equal_ignoring_case(field.name, kTraceparentField)) continue;
        if (value) return std::nullopt;
        value = field.value;
    }
    return value ? parse_traceparent(*value) : std::nullopt;
}

}  // namespace

RequestTrace trace_of(const HttpFields& fields) {
    const auto told = told_trace(fields);
    if (!told) return {.context = begin_trace(), .parent = {}};
    return {.context = child_of(*told), .parent = told->span};
}

void append_traceparent(HttpReply& reply, const TraceContext& context) {
    const auto text = to_traceparent(context);
    reply.fields.push_back({std::string{kTraceparentField}, std::string{text.view()}});
}

}  // namespace postern::daemon
