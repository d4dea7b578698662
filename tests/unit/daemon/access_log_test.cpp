#include "daemon/access_log.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

HttpRequest a_request() {
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1/customers?api_key=sk_test_0123456789abcdef";
    request.path = "/v1/customers";
    request.query = "api_key=sk_test_0123456789abcdef";
    request.body = "name=x";
    request.peer_address = "192.0.2.7";
    return request;
}

TEST(AccessLog, SaysWhatWasAskedAndAnswered) {
    const auto trace = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    HttpReply reply;
    reply.status = 404;
    reply.body = R"({"error":{"code":"NOT_FOUND"}})";
    reply.fields = {{"X-Request-ID", "req_1"}};
    const AccessLine expected{
        .method = "POST",
        .path = "/v1/customers",
        .status = 404,
        .body_bytes = 6,
        .reply_bytes = reply.body.size(),
        .duration = std::chrono::microseconds{1'500},
        .peer = "192.0.2.7",
        .error_code = "NOT_FOUND",
        .request_id = "req_1",
        .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"};
    EXPECT_EQ(
        access_line_of(
            {.request = a_request(),
             .reply = reply,
             .trace = trace,
             .duration = std::chrono::microseconds{1'500}}
        ),
        expected
    );
}

TEST(AccessLog, SaysADashForWhatIsNotKnown) {
    const AccessLine line = access_line_of({.request = {}, .reply = {}});
    for (const std::string& text :
         {line.method, line.path, line.peer, line.error_code, line.request_id, line.trace_id}) {
        EXPECT_EQ(text, "-");
    }
}

TEST(AccessLog, MasksACardNumberAndKeepsOneLine) {
    HttpRequest request = a_request();
    request.path = "/v1/4242424242424242\n";
    EXPECT_EQ(access_line_of({.request = request, .reply = {}}).path, "/v1/****?");
}

}  // namespace
}  // namespace postern::daemon
