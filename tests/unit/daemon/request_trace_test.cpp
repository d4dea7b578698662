#include "daemon/request_trace.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace postern::daemon {
namespace {

constexpr std::string_view kTold = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr std::string_view kToldTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

RequestTrace trace_with(const std::vector<HttpField>& sent) {
    HttpFields fields;
    for (const HttpField& field : sent) fields.add(field);
    return trace_of(fields);
}

TEST(RequestTrace, GoesOnWithWhatWasTold) {
    const RequestTrace trace = trace_with({{"host", "example.com"}, {"Traceparent", kTold}});
    EXPECT_EQ(to_text(trace.context.trace).view(), kToldTrace);
    EXPECT_EQ(to_text(trace.parent).view(), "00f067aa0ba902b7");
    EXPECT_NE(trace.context.span, trace.parent);
    EXPECT_EQ(trace.context.sampled, TraceContext::Sampled::yes);
}

struct Unheard {
    const char* name;
    std::vector<HttpField> fields;
};

const Unheard kUnheard[] = {
    {"nothing was told", {}},
    {"the value is not right", {{"traceparent", "00-4bf92f3577b34da6-00f067aa0ba902b7-01"}}},
    {"it was told twice", {{"traceparent", kTold}, {"traceparent", kTold}}},
};

TEST(RequestTrace, BeginsHereWhereNothingCounts) {
    for (const Unheard& unheard : kUnheard) {
        SCOPED_TRACE(unheard.name);
        const RequestTrace trace = trace_with(unheard.fields);
        EXPECT_TRUE(trace.context.is_set());
        EXPECT_NE(to_text(trace.context.trace).view(), kToldTrace);
        EXPECT_EQ(trace.parent, SpanId{});
    }
}

TEST(RequestTrace, IsSaidInTheAnswer) {
    const RequestTrace trace = trace_with({});
    HttpReply reply;
    append_traceparent(reply, trace.context);
    ASSERT_EQ(reply.fields.size(), 1U);
    EXPECT_EQ(reply.fields[0].name, "traceparent");
    EXPECT_EQ(parse_traceparent(reply.fields[0].value), trace.context);
}

}  // namespace
}  // namespace postern::daemon
