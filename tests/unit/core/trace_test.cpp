#include "core/trace.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern {
namespace {

constexpr std::string_view kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

struct Accepted {
    const char* name;
    std::string_view text;
    std::string_view again;  // as we say it
};

constexpr Accepted kAccepted[] = {
    {"the standard's example", kExample, kExample},
    {"not sampled",
     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"},
    {"flags that mean nothing to us are not said again",
     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff",
     kExample},
    {"a later version", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", kExample},
    {"a later version that says more",
     "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what.else",
     kExample},
};

TEST(Traceparent, IsReadAndSaidAgain) {
    for (const Accepted& accepted : kAccepted) {
        SCOPED_TRACE(accepted.name);
        const auto context = parse_traceparent(accepted.text);
        ASSERT_TRUE(context.has_value());
        EXPECT_EQ(to_traceparent(*context).view(), accepted.again);
    }
}

struct Refused {
    const char* name;
    std::string_view text;
};

constexpr Refused kRefused[] = {
    {"nothing", ""},
    {"cut short", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0"},
    {"upper case", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"},
    {"no hexadecimal", "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01"},
    {"a trace id of zeros", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"},
    {"a span id of zeros", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"},
    {"the version that is none", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
    {"this version with more", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"},
    {"a later version with a wrong end",
     "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"},
    {"other separators", "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01"},
    {"flags that are none", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x"},
    {"a space before it", " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
};

TEST(Traceparent, IsNothingWhenItIsNotWhatTheStandardSays) {
    for (const Refused& refused : kRefused) {
        SCOPED_TRACE(refused.name);
        EXPECT_FALSE(parse_traceparent(refused.text).has_value());
    }
}

TEST(Trace, OfItsOwnIsAnotherEachTime) {
    const TraceContext first = begin_trace();
    const TraceContext second = begin_trace();
    EXPECT_TRUE(first.is_set());
    EXPECT_NE(first.trace, second.trace);
    EXPECT_EQ(parse_traceparent(to_traceparent(first).view()), first);
}

TEST(Trace, GoesOnInAChildUnderAnotherSpan) {
    const TraceContext parent = *parse_traceparent(kExample);
    const TraceContext child = child_of(parent);
    EXPECT_EQ(child.trace, parent.trace);
    EXPECT_NE(child.span, parent.span);
    EXPECT_EQ(child.sampled, parent.sampled);
}

TEST(Trace, OfAChildOfNothingIsItsOwn) {
    EXPECT_FALSE(TraceContext{}.is_set());
    EXPECT_TRUE(child_of({}).is_set());
}

TEST(Trace, MayBeNamedByAPublicId) {
    const TraceContext named = trace_named_by("evt_019c04a1-d500-7000-8000-5a1f0c3b7e21");
    EXPECT_EQ(to_text(named.trace).view(), "019c04a1d500700080005a1f0c3b7e21");
    EXPECT_EQ(to_text(named.span).view(), "80005a1f0c3b7e21");
    EXPECT_FALSE(trace_named_by("whatever this is").is_set());
}

TEST(Trace, IsTheSameAfterItWasStored) {
    const TraceContext context = *parse_traceparent(kExample);
    EXPECT_EQ(unpack_trace(pack_trace(context).view()), context);
    EXPECT_FALSE(unpack_trace("").has_value());
    EXPECT_FALSE(unpack_trace(pack_trace(context).view().substr(1)).has_value());
    EXPECT_FALSE(unpack_trace(std::string(kPackedTraceBytes, '\0')).has_value());
}

}  // namespace
}  // namespace postern
