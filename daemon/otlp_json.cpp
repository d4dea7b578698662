#include "daemon/otlp_json.hpp"

#include "core/json_writer.hpp"

namespace postern::daemon {
namespace {

constexpr std::string_view kServiceName = "postern";
constexpr std::size_t kBytesOfASpan = 768;
constexpr std::int64_t kNanosecondsInAMicrosecond = 1'000;
constexpr std::int64_t kStatusError = 2;

// 64-bit numbers are texts in protobuf's JSON.
std::string nanoseconds(TimePoint at) {
    return std::to_string(unix_microseconds(at) * kNanosecondsInAMicrosecond);
}

void append_text_attribute(JsonWriter& writer, std::string_view name, std::string_view text) {
    writer.begin_object();
    writer.member("key", name);
    writer.key("value");
    writer.begin_object();
    writer.member("stringValue", text);
    writer.end_object();
    writer.end_object();
}

void append_attribute(JsonWriter& writer, const SpanAttribute& attribute) {
    if (const auto* text = std::get_if<std::string>(&attribute.value)) {
        return append_text_attribute(writer, attribute.name, *text);
    }
    writer.begin_object();
    writer.member("key", attribute.name);
    writer.key("value");
    writer.begin_object();
    writer.member("intValue", std::to_string(std::get<std::int64_t>(attribute.value)));
    writer.end_object();
    writer.end_object();
}

void append_span(JsonWriter& writer, const Span& span) {
    writer.begin_object();
    writer.member("traceId", to_text(span.context.trace).view());
    writer.member("spanId", to_text(span.context.span).view());
    if (span.parent != SpanId{}) writer.member("parentSpanId", to_text(span.parent).view());
    writer.member_integer("flags", span.context.sampled == TraceContext::Sampled::yes ? 1 : 0);
    writer.member("name", span.name);
    writer.member_integer("kind", static_cast<std::int64_t>(span.kind));
    writer.member("startTimeUnixNano", nanoseconds(span.started_at));
    writer.member("endTimeUnixNano", nanoseconds(span.ended_at));
    writer.key("attributes");
    writer.begin_array();
    for (const SpanAttribute& attribute : span.attributes) append_attribute(writer, attribute);
    writer.end_array();
    writer.key("status");
    writer.begin_object();
    if (span.outcome == Span::Outcome::failed) writer.member_integer("code", kStatusError);
    writer.end_object();
    writer.end_object();
}

void append_resource(JsonWriter& writer, std::string_view version) {
    writer.key("resource");
    writer.begin_object();
    writer.key("attributes");
    writer.begin_array();
    append_text_attribute(writer, "service.name", kServiceName);
    append_text_attribute(writer, "service.version", version);
    writer.end_array();
    writer.end_object();
}

void append_scope(JsonWriter& writer, std::string_view version) {
    writer.key("scope");
    writer.begin_object();
    writer.member("name", kServiceName);
    writer.member("version", version);
    writer.end_object();
}

}  // namespace

std::string to_otlp_json(std::span<const Span> spans, std::string_view version) {
    std::string json;
    json.reserve((spans.size() + 1) * kBytesOfASpan);
    JsonWriter writer{json};
    writer.begin_object();
    writer.key("resourceSpans");
    writer.begin_array();
    writer.begin_object();
    append_resource(writer, version);
    writer.key("scopeSpans");
    writer.begin_array();
    writer.begin_object();
    append_scope(writer, version);
    writer.key("spans");
    writer.begin_array();
    for (const Span& span : spans) append_span(writer, span);
    writer.end_array();
    writer.end_object();
    writer.end_array();
    writer.end_object();
    writer.end_array();
    writer.end_object();
    return json;
}

}  // namespace postern::daemon
