#include "core/trace.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <span>

namespace postern {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kSpanAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::uint8_t kSampledFlag = 0x01;

// The standard's hexadecimal is lower case only.
std::optional<std::uint8_t> read_digit(char c) {
    const auto at = kHexDigits.find(c);
    if (at == std::string_view::npos) return std::nullopt;
    return static_cast<std::uint8_t>(at);
}

bool read_hex(std::string_view text, std::span<std::uint8_t> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto high = read_digit(text[2 * i]);
        const auto low = read_digit(text[2 * i + 1]);
        if (!high || !low) return false;
        bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
    }
    return true;
}

void write_hex(std::span<const std::uint8_t> bytes, char* out) {
    for (const std::uint8_t byte : bytes) {
        *out++ = kHexDigits[byte >> 4];
        *out++ = kHexDigits[byte & 0x0f];
    }
}

// Ids must not repeat; nothing depends on nobody guessing them.
std::uint64_t random_number() {
    thread_local std::mt19937_64 generator = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device()};
        return std::mt19937_64{seed};
    }();
    return generator();
}

void fill_randomly(std::span<std::uint8_t> bytes) {
    do {
        for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
            const std::uint64_t number = random_number();
            std::memcpy(bytes.data() + at, &number, sizeof number);
        }
    } while (std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; }));
}

// A later version may go on behind a hyphen; this one may not, and ff is no version.
bool has_known_shape(std::string_view text) {
    if (text.size() < kTraceparentLength) return false;
    std::array<std::uint8_t, 1> version{};
    if (!read_hex(text, version) || version[0] == 0xff) return false;
    const bool longer = text.size() > kTraceparentLength;
    if (longer && (version[0] == 0 || text[kTraceparentLength] != '-')) return false;
    return text[kTraceAt - 1] == '-' && text[kSpanAt - 1] == '-' && text[kFlagsAt - 1] == '-';
}

TraceContext::Sampled sampled_of(std::uint8_t flags) {
    return (flags & kSampledFlag) != 0 ? TraceContext::Sampled::yes : TraceContext::Sampled::no;
}

std::uint8_t flags_of(const TraceContext& context) {
    return context.sampled == TraceContext::Sampled::yes ? kSampledFlag : 0;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
    if (!has_known_shape(text)) return std::nullopt;
    TraceContext context;
    std::array<std::uint8_t, 1> flags{};
    if (!read_hex(text.substr(kTraceAt), context.trace.bytes)) return std::nullopt;
    if (!read_hex(text.substr(kSpanAt), context.span.bytes)) return std::nullopt;
    if (!read_hex(text.substr(kFlagsAt), flags)) return std::nullopt;
    if (context.trace == TraceId{} || context.span == SpanId{}) return std::nullopt;
    context.sampled = sampled_of(flags[0]);
    return context;
}

FixedText<kTraceparentLength> to_traceparent(const TraceContext& context) {
    FixedText<kTraceparentLength> text;
    text.characters.fill('-');
    char* const out = text.characters.data();
    const std::array<std::uint8_t, 1> version{};
    const std::array<std::uint8_t, 1> flags{flags_of(context)};
    write_hex(version, out);
    write_hex(context.trace.bytes, out + kTraceAt);
    write_hex(context.span.bytes, out + kSpanAt);
    write_hex(flags, out + kFlagsAt);
    return text;
}

FixedText<32> to_text(const TraceId& id) {
    FixedText<32> text;
    write_hex(id.bytes, text.characters.data());
    return text;
}

FixedText<16> to_text(const SpanId& id) {
    FixedText<16> text;
    write_hex(id.bytes, text.characters.data());
    return text;
}

TraceContext begin_trace() {
    TraceContext context;
    fill_randomly(context.trace.bytes);
    fill_randomly(context.span.bytes);
    return context;
}

TraceContext child_of(const TraceContext& parent) {
    if (!parent.is_set()) return begin_trace();
    TraceContext context = parent;
    fill_randomly(context.span.bytes);
    return context;
}

TraceContext trace_named_by(std::string_view public_id) {
    std::array<char, 32> digits{};
    digits.fill('0');
    std::size_t count = 0;
    for (const char c : public_id.substr(public_id.find('_') + 1)) {
        if (c != '-' && count < digits.size()) digits[count++] = c;
    }
    TraceContext context;
    if (!read_hex({digits.data(), digits.size()}, context.trace.bytes)) return {};
    const auto tail = std::span{context.trace.bytes}.last(context.span.bytes.size());
    std::copy(tail.begin(), tail.end(), context.span.bytes.begin());
    return context;
}

FixedText<kPackedTraceBytes> pack_trace(const TraceContext& context) {
    FixedText<kPackedTraceBytes> packed;
    char* out = packed.characters.data();
    std::memcpy(out, context.trace.bytes.data(), context.trace.bytes.size());
    out += context.trace.bytes.size();
    std::memcpy(out, context.span.bytes.data(), context.span.bytes.size());
    packed.characters.back() = static_cast<char>(flags_of(context));
    return packed;
}

std::optional<TraceContext> unpack_trace(std::string_view bytes) {
    if (bytes.size() != kPackedTraceBytes) return std::nullopt;
    TraceContext context;
    std::memcpy(context.trace.bytes.data(), bytes.data(), context.trace.bytes.size());
    bytes.remove_prefix(context.trace.bytes.size());
    std::memcpy(context.span.bytes.data(), bytes.data(), context.span.bytes.size());
    context.sampled = sampled_of(static_cast<std::uint8_t>(bytes.back()));
    if (!context.is_set()) return std::nullopt;
    return context;
}

}  // namespace postern
