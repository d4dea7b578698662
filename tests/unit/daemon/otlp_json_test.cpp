#include "daemon/otlp_json.hpp"

#include "core/json_document.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace postern::daemon {
namespace {

Span example() {
    return {
        .context = *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        .parent = {},
        .kind = Span::Kind::server,
        .name = "webhook.receive",
        .started_at = from_unix_microseconds(1'700'000'000'000'001),
        .ended_at = from_unix_microseconds(1'700'000'000'002'001),
        .attributes = {
            {"url.path", std::string{"/a\"b"}}, {"http.response.status_code", std::int64_t{200}}}};
}

TEST(OtlpJson, IsWhatCollectorsRead) {
    constexpr std::string_view expected =
        R"({"resourceSpans":[{"resource":{"attributes":[)"
        R"({"key":"service.name","value":{"stringValue":"postern"}},)"
        R"({"key":"service.version","value":{"stringValue":"1.2.3"}}]},)"
        R"("scopeSpans":[{"scope":{"name":"postern","version":"1.2.3"},"spans":[)"
        R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","flags":1,)"
        R"("name":"webhook.receive","kind":2,"startTimeUnixNano":"1700000000000001000",)"
        R"("endTimeUnixNano":"1700000000002001000","attributes":[)"
        R"({"key":"url.path","value":{"stringValue":"/a\"b"}},)"
        R"({"key":"http.response.status_code","value":{"intValue":"200"}}],"status":{}}]}]}]})";
    EXPECT_EQ(to_otlp_json(std::vector{example()}, "1.2.3"), expected);
}

TEST(OtlpJson, NamesTheParentAndTheFailureWhereThereIsOne) {
    Span child = example();
    child.parent = child.context.span;
    child.context = child_of(child.context);
    child.outcome = Span::Outcome::failed;
    const std::string json = to_otlp_json(std::vector{example(), child}, "1");
    const auto document = JsonDocument::parse(json);
    ASSERT_TRUE(document.has_value());
    const JsonValue spans = document->root().path("resourceSpans.0.scopeSpans.0.spans");
    ASSERT_EQ(spans.size(), 2U);
    EXPECT_FALSE(spans[0]["parentSpanId"].exists());
    EXPECT_FALSE(spans[0].path("status.code").exists());
    EXPECT_EQ(spans[1]["parentSpanId"].string(), spans[0]["spanId"].string());
    EXPECT_EQ(spans[1].path("status.code").integer(), 2);
}

TEST(OtlpJson, OfNothingIsWhole) {
    EXPECT_TRUE(JsonDocument::parse(to_otlp_json({}, "1")).has_value());
}

}  // namespace
}  // namespace postern::daemon
