#include "daemon/commands/api_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::daemon::commands {
namespace {

std::string header(const PostRequest& request, std::string_view name) {
    const auto found =
        std::find_if(request.headers.begin(), request.headers.end(), [name](const auto& field) {
            return field.first == name;
        });
    return found == request.headers.end() ? std::string{} : found->second;
}

TEST(ApiClient, PrefersTheCommandLineToTheEnvironmentToTheDefault) {
    const config::Environment environment{
        {"POSTERN_URL", "http://env"}, {"POSTERN_API_KEY", "sk_test_env"}};
    const ApiAccess said = completed({.url = "http://said", .key = "sk_test_said"}, environment);
    EXPECT_EQ(said.url, "http://said");
    EXPECT_EQ(said.key, "sk_test_said");
    EXPECT_EQ(completed({}, environment).url, "http://env");
    EXPECT_EQ(completed({}, environment).key, "sk_test_env");
    EXPECT_EQ(completed({}, {}).url, "http://127.0.0.1:8080");
    EXPECT_EQ(completed({}, {}).key, "");
}

TEST(ApiClient, RefusesAKeyThatNoHeaderCanHold) {
    for (const char* key : {"sk_test_1\n", "sk_test_1\r\nX: y", "sk test"}) {
        EXPECT_FALSE(api_request({.url = "http://a", .key = key}, {.path = "/x"}).has_value());
    }
}

TEST(ApiClient, SaysTheSameWordsOnce) {
    const std::string once = explain_refusal({}, {.status = 400, .body = R"({"error":{"message":
        "limit: must be less","details":[{"field":"limit","message":"must be less"}]}})"})
                                 .message;
    EXPECT_EQ(once, "400 Bad Request: limit: must be less");
}

TEST(ApiClient, WritesARequestThatTheApiTakes) {
    const auto request = api_request(
        {.url = "http://127.0.0.1:1/base/", .key = "sk_test_1"},
        {.method = "POST", .path = "/x", .query = {{"type", "payment.*"}}, .body = "{}"}
    );
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->method, "POST");
    EXPECT_EQ(request->url.target, "/base/x?type=payment.%2a");
    EXPECT_EQ(header(*request, "Authorization"), "Bearer sk_test_1");
    EXPECT_EQ(header(*request, "Content-Type"), "application/json");
    EXPECT_EQ(header(*request, "Idempotency-Key").size(), 32U);
    EXPECT_FALSE(api_request({.url = "127.0.0.1"}, {.path = "/x"}).has_value());
}

struct Refusal {
    const char* name;
    PostReply reply;
    const char* fragment;
};

const Refusal kRefusals[] = {
    {"the API's words",
     {.status = 404, .headers = {}, .body = R"({"error":{"message":"There is no event"}})"},
     "404 Not Found: There is no event"},
    {"a hint about modes", {.status = 404, .headers = {}, .body = ""}, "test keys see only"},
    {"each field",
     {.status = 400,
      .headers = {},
      .body = R"({"error":{"message":"no","details":[{"field":"url","message":"is bad"}]}})"},
     "\n  url: is bad"},
    {"the words of Svix's face",
     {.status = 409, .headers = {}, .body = R"({"code":"conflict","detail":"is taken"})"},
     "409 Conflict: is taken"},
    {"the places of Svix's face",
     {.status = 422,
      .headers = {},
      .body = R"({"detail":[{"loc":["body","uid"],"msg":"is bad","type":"value_error"}]})"},
     "\n  uid: is bad"},
    {"where to get a key", {.status = 401, .headers = {}, .body = "{}"}, "POSTERN_API_KEY"},
    {"a body that is no JSON", {.status = 502, .headers = {}, .body = "<html>"}, "is a proxy"},
    {"nothing that a terminal acts on",
     {.status = 400, .headers = {}, .body = R"({"error":{"message":"a\u001b[31m"}})"},
     "a\\x1b[31m"},
};

TEST(ApiClient, ExplainsWhyACallWasRefused) {
    for (const Refusal& refusal : kRefusals) {
        SCOPED_TRACE(refusal.name);
        const std::string text = explain_refusal({.url = "http://x"}, refusal.reply).message;
        EXPECT_NE(text.find(refusal.fragment), std::string::npos) << text;
    }
}

TEST(ApiClient, NeverRepeatsTheKey) {
    const ApiAccess access{.url = "http://x", .key = "sk_test_hunter2"};
    const std::string text = explain_refusal(access, {.status = 401}).message;
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace postern::daemon::commands
