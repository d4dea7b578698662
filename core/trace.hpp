#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// W3C Trace Context (https://www.w3.org/TR/trace-context/): one id from a provider's request
// through the event to each attempt. Values of fixed size, because every request has one.
namespace postern {

struct TraceId {
    std::array<std::uint8_t, 16> bytes{};
    bool operator==(const TraceId&) const = default;
};
struct SpanId {
    std::array<std::uint8_t, 8> bytes{};
    bool operator==(const SpanId&) const = default;
};

// A text whose length is known beforehand, without an allocation.
template <std::size_t kLength>
struct FixedText {
    std::array<char, kLength> characters{};
    std::string_view view() const { return {characters.data(), kLength}; }
    bool operator==(const FixedText&) const = default;
};

inline constexpr std::size_t kTraceparentLength = 55;
inline constexpr std::size_t kPackedTraceBytes = 25;

struct TraceContext {
    TraceId trace;
    SpanId span;  // what is going on now: the parent of whatever it leads to
    enum class Sampled : std::uint8_t { no, yes } sampled = Sampled::no;

    bool is_set() const { return trace != TraceId{}; }
    bool operator==(const TraceContext&) const = default;
};

// The value of a traceparent field. Strict: anything that the standard does not allow is nothing.
std::optional<TraceContext> parse_traceparent(std::string_view text);
FixedText<kTraceparentLength> to_traceparent(const TraceContext& context);
FixedText<32> to_text(const TraceId& id);
FixedText<16> to_text(const SpanId& id);

TraceContext begin_trace();
// The next span of the same trace; of nothing, a trace of its own.
TraceContext child_of(const TraceContext& parent);
// The trace of what no request told a trace for: its public id, "evt_" and a UUID, which is as wide
// as a trace id. So all attempts of one event belong together without a stored word.
TraceContext trace_named_by(std::string_view public_id);

// As it is stored.
FixedText<kPackedTraceBytes> pack_trace(const TraceContext& context);
std::optional<TraceContext> unpack_trace(std::string_view bytes);

}  // namespace postern
