#include "daemon/request_span.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

HttpRequest a_request() {
    HttpRequest request;
    request.method = "POST";
    request.path = "/api/v2/webhooks/stripe";
    request.body = "{}";
    request.peer_address = "192.0.2.7";
    return request;
}

Span span_with(const HttpRequest& request, std::string_view gateway, int status) {
    HttpReply reply;
    reply.status = status;
    const RequestTrace trace{.context = begin_trace(), .parent = {}};
    return span_of_request(
        {.request = request,
         .reply = reply,
         .trace = trace,
         .gateway = gateway,
         .started_at = from_unix_seconds(1),
         .ended_at = from_unix_seconds(2)}
    );
}

// As text, whatever it is; "-" where there is none.
std::string text_of(const Span& span, std::string_view name) {
    for (const SpanAttribute& attribute : span.attributes) {
        if (attribute.name != name) continue;
        const auto* number = std::get_if<std::int64_t>(&attribute.value);
        return number ? std::to_string(*number) : std::get<std::string>(attribute.value);
    }
    return "-";
}

TEST(RequestSpan, SaysWhatWasAskedAndAnswered) {
    const Span span = span_with(a_request(), "stripe", 200);
    EXPECT_EQ(span.name, "webhook.receive");
    EXPECT_EQ(span.kind, Span::Kind::server);
    EXPECT_EQ(text_of(span, "http.request.method"), "POST");
    EXPECT_EQ(text_of(span, "url.path"), "/api/v2/webhooks/stripe");
    EXPECT_EQ(text_of(span, "http.response.status_code"), "200");
    EXPECT_EQ(text_of(span, "http.request.body.size"), "2");
    EXPECT_EQ(text_of(span, "client.address"), "192.0.2.7");
    EXPECT_EQ(text_of(span, "postern.gateway"), "stripe");
}

TEST(RequestSpan, OfTheApiNamesNoGateway) {
    const Span span = span_with(a_request(), {}, 200);
    EXPECT_EQ(span.name, "api.request");
    EXPECT_EQ(text_of(span, "postern.gateway"), "-");
}

TEST(RequestSpan, MasksACardNumberInThePath) {
    HttpRequest request = a_request();
    request.path = "/v1/4242424242424242";
    EXPECT_EQ(
        text_of(span_with(request, {}, 404), "url.path").find("4242424242424242"), std::string::npos
    );
}

TEST(RequestSpan, FailedWhereTheServerDid) {
    EXPECT_EQ(span_with(a_request(), {}, 503).outcome, Span::Outcome::failed);
    EXPECT_EQ(span_with(a_request(), {}, 401).outcome, Span::Outcome::unsaid);
}

}  // namespace
}  // namespace postern::daemon
