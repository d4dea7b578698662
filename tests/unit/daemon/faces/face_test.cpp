#include "daemon/faces/face.hpp"

#include "daemon/api.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::daemon {
namespace {

TEST(Faces, AreChosenByThePath) {
    const std::pair<const char*, Face> cases[] = {
        {"/v1", Face::stripe},
        {"/v1/webhook_endpoints", Face::stripe},
        {"/v10/x", Face::native},
        {"/api/v1/app", Face::svix},
        {"/api/v1/app/", Face::svix},
        {"/api/v1/app/a/endpoint", Face::svix},
        {"/api/v1/event-type/x", Face::svix},
        {"/api/v1/health", Face::svix},
        {"/api/v1/apple", Face::native},
        {"/api/v1/payments", Face::native},
        {"/api/v2/events", Face::native},
        {"/", Face::native},
    };
    for (const auto& [path, face] : cases) {
        SCOPED_TRACE(path);
        EXPECT_EQ(face_of(path), face);
    }
}

TEST(Faces, LeaveOutTheSlashOfOlderClientsOnly) {
    EXPECT_EQ(routed_path("/api/v1/app/"), "/api/v1/app");
    EXPECT_EQ(routed_path("/api/v1/app"), "/api/v1/app");
    EXPECT_EQ(routed_path("/api/v2/events/"), "/api/v2/events/");
    EXPECT_EQ(routed_path("/v1/events/"), "/v1/events/");
}

struct Case {
    const char* name;
    const char* path;
    ApiError error;
    int status;
    const char* body;
};

const Case kCases[] = {
    {"a missing key to Stripe's clients",
     "/v1/events",
     {.status = 401, .code = "UNAUTHORIZED", .message = "No key"},
     401,
     R"({"error":{"message":"No key","type":"invalid_request_error"}})"},
    {"an unknown route to Stripe's clients",
     "/v1/nothing",
     {.status = 404, .code = "NOT_FOUND", .message = "There is nothing"},
     404,
     R"--({"error":{"message":"Unrecognized request URL (POST: /v1/nothing)",)--"
     R"("type":"invalid_request_error"}})"},
    {"a wrong field to Stripe's clients",
     "/v1/webhook_endpoints",
     {.status = 400,
      .code = "VALIDATION_ERROR",
      .message = "all",
      .details = {{"event_types.0", "is not one"}, {"url", "is bad"}}},
     400,
     R"({"error":{"message":"is not one","param":"enabled_events[0]",)"
     R"("type":"invalid_request_error"}})"},
    {"a store that is down to Stripe's clients",
     "/v1/events",
     {.status = 503, .code = "UNAVAILABLE", .message = "later"},
     503,
     R"({"error":{"message":"later","type":"api_error"}})"},
    {"a missing key to Svix's clients",
     "/api/v1/app",
     {.status = 401, .code = "UNAUTHORIZED", .message = "No key"},
     401,
     R"({"code":"authentication_failed","detail":"No key"})"},
    {"a wrong field to Svix's clients",
     "/api/v1/app/a/endpoint",
     {.status = 400,
      .code = "VALIDATION_ERROR",
      .message = "all",
      .details = {{"event_types.0", "is not one"}, {"headers.Host", "is bad"}}},
     422,
     R"({"detail":[{"loc":["body","eventTypes","0"],"msg":"is not one","type":"value_error"},)"
     R"({"loc":["body","headers","Host"],"msg":"is bad","type":"value_error"}]})"},
    {"a conflict to Svix's clients",
     "/api/v1/app/a/endpoint",
     {.status = 409, .code = "CONFLICT", .message = "taken"},
     409,
     R"({"code":"conflict","detail":"taken"})"},
};

TEST(Faces, SayInTheirWordsWhatSharedCodeRefused) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        HttpRequest request;
        request.method = "POST";
        request.path = test_case.path;
        request.fields.add({"Idempotency-Key", "k-1"});
        HttpReply reply = error_reply(test_case.error);
        reply.fields.push_back({"Retry-After", "5"});
        const HttpReply own = in_words_of(face_of(request.path), request, std::move(reply));
        EXPECT_EQ(own.status, test_case.status);
        EXPECT_EQ(own.body, test_case.body);
        const HttpReplyField kept{"Retry-After", "5"};
        EXPECT_NE(std::find(own.fields.begin(), own.fields.end(), kept), own.fields.end());
    }
}

TEST(Faces, LeaveTheNativeApiAndTheirOwnAnswersAlone) {
    HttpRequest request;
    request.path = "/api/v2/events";
    const HttpReply native = error_reply({.status = 404, .code = "NOT_FOUND", .message = "no"});
    EXPECT_EQ(in_words_of(Face::native, request, native).body, native.body);
    HttpReply own;
    own.status = 404;
    own.body = R"({"code":"not_found","detail":"no"})";
    EXPECT_EQ(in_words_of(Face::svix, request, own).body, own.body);
}

TEST(Faces, TellStripesClientsRequestAndVersion) {
    HttpRequest request;
    request.path = "/v1/events";
    request.fields.add({"stripe-version", "2026-10-28.endive"});
    HttpReply reply;
    reply.fields.push_back({"X-Request-ID", "req_1"});
    const HttpReply answered = in_words_of(Face::stripe, request, std::move(reply));
    const std::vector<HttpReplyField> wanted = {
        {"Request-Id", "req_1"},
        {"Stripe-Version", "2026-10-28.endive"},
        {"Onerway-Version", "2024-11-01"}};
    EXPECT_EQ(answered.fields, wanted);
}

TEST(Faces, RefuseAVersionThatIsNoDate) {
    for (const char* version : {"2024", "yesterday!", "2024-13-01", "2024-11-01T00:00:00Z"}) {
        SCOPED_TRACE(version);
        HttpRequest request;
        request.fields.add({"Onerway-Version", version});
        EXPECT_TRUE(refuse_request(Face::stripe, request).has_value());
        EXPECT_FALSE(refuse_request(Face::svix, request).has_value());
    }
    EXPECT_FALSE(refuse_request(Face::stripe, HttpRequest{}).has_value());
}

TEST(Faces, TellStripesClientsWhetherToAskAgain) {
    const std::pair<int, const char*> cases[] = {{503, "true"}, {500, "false"}, {404, ""}};
    for (const auto& [status, again] : cases) {
        HttpRequest request;
        request.method = "POST";
        request.path = "/v1/payment_intents";
        HttpReply reply = error_reply({.status = status, .code = "ANY", .message = "any"});
        reply = in_words_of(Face::stripe, request, std::move(reply));
        std::string told;
        for (const HttpReplyField& field : reply.fields) {
            if (field.name == "Stripe-Should-Retry") told = field.value;
        }
        EXPECT_EQ(told, again) << status;
    }
}

}  // namespace
}  // namespace postern::daemon
