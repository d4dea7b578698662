#pragma once

#include "core/time.hpp"
#include "core/trace.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern {

// One piece of work within a trace, once it is over. Names are literals: they are not copied.
struct SpanAttribute {
    std::string_view name;
    std::variant<std::string, std::int64_t> value;
    bool operator==(const SpanAttribute&) const = default;
};

struct Span {
    TraceContext context;
    SpanId parent;  // zeros: the trace begins with it
    // Numbered as OpenTelemetry does.
    enum class Kind : std::uint8_t { internal = 1, server = 2, client = 3 } kind = Kind::internal;
    std::string_view name;
    TimePoint started_at;
    TimePoint ended_at;
    enum class Outcome : std::uint8_t { unsaid, failed } outcome = Outcome::unsaid;
    std::vector<SpanAttribute> attributes = {};
};

// Where spans go. Any thread may ask and give, and never waits for it.
class SpanSink {
 public:
    virtual ~SpanSink() = default;
    // Asked before a span is made. All spans of one trace get one answer, also after a restart.
    virtual bool wants(const TraceId& trace) const noexcept = 0;
    virtual void take(Span span) = 0;
};

// A null sink wants nothing.
inline bool is_wanted(const SpanSink* sink, const TraceContext& context) {
    return sink != nullptr && sink->wants(context.trace);
}

}  // namespace postern
