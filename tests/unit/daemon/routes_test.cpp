#include "core/json_document.hpp"
#include "daemon/api.hpp"
#include "daemon/api/openapi.hpp"
#include "daemon/faces/face.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

#include <set>

namespace postern::daemon {
namespace {

using Operations = std::set<std::string>;

// The receiver answers these; they are in the document and not in the table.
bool is_the_receivers(std::string_view path) {
    return path == "/api/v2/webhooks/{gateway}";
}

// Stripe and Svix describe these themselves: what matters there is that their clients work, which
// the integration tests show with the clients themselves.
bool is_another_face(std::string_view path) {
    return face_of(path) != Face::native;
}

std::string upper(std::string_view method) {
    std::string text{method};
    for (char& c : text) c = static_cast<char>(c - ('a' - 'A'));
    return text;
}

Operations documented(JsonValue paths) {
    Operations operations;
    for (const JsonMember& path : paths.members()) {
        if (is_the_receivers(path.key)) continue;
        for (const JsonMember& method : path.value.members()) {
            operations.insert(upper(method.key) + " " + std::string{path.key});
        }
    }
    return operations;
}

TEST(Routes, AreThoseOfTheDocumentBothWays) {
    const auto document = JsonDocument::parse(openapi_document());
    ASSERT_TRUE(document.has_value());
    Operations routed;
    for (const Route& route : api_routes()) {
        if (is_another_face(route.pattern)) continue;
        routed.insert(std::string{route.method} + " " + std::string{route.pattern});
    }
    EXPECT_EQ(routed, documented(document->root()["paths"]));
}

TEST(Routes, AreOpenWhereTheDocumentSaysSo) {
    const auto document = JsonDocument::parse(openapi_document());
    ASSERT_TRUE(document.has_value());
    for (const Route& route : api_routes()) {
        if (is_another_face(route.pattern)) continue;
        const JsonValue path = document->root()["paths"][route.pattern];
        const JsonValue operation = path[to_lower(route.method)];
        EXPECT_EQ(operation["security"].is_array(), route.access == Access::open) << route.pattern;
        for (const char* refusal : {"401", "403", "429"}) {
            EXPECT_EQ(operation["responses"][refusal].exists(), route.access != Access::open)
                << route.pattern << ' ' << refusal;
        }
    }
}

class RoutesOfCalls : public ApiFixture {};

TEST_F(RoutesOfCalls, AnswerWhatIsUnknown) {
    for (const char* target :
         {"/",
          "/api/v2",
          "/api/v2/inbox/",
          "/api/v2/inbox/a/b",
          "/api/v2/webhooks/x/y",
          "/api/v2/events/%zz",
          "/API/v2/events"}) {
        SCOPED_TRACE(target);
        const auto answer = get(target);
        EXPECT_EQ(answer.reply.status, 404);
        EXPECT_EQ(answer["error.code"].string(), "NOT_FOUND");
        EXPECT_TRUE(answer.field("X-Request-ID").starts_with("req_"));
    }
}

TEST_F(RoutesOfCalls, NameTheMethodsOfAPath) {
    const auto wrong_post = post("/api/v2/events");
    EXPECT_EQ(wrong_post.reply.status, 405);
    EXPECT_EQ(wrong_post.field("Allow"), "GET, HEAD");
    EXPECT_EQ(wrong_post["error.code"].string(), "METHOD_NOT_ALLOWED");
    const auto wrong_get = get("/api/v2/inbox/whk_a/reprocess");
    EXPECT_EQ(wrong_get.reply.status, 405);
    EXPECT_EQ(wrong_get.field("Allow"), "POST");
}

TEST_F(RoutesOfCalls, TreatHeadAsGet) {
    const auto answer = ask(
        {.method = "HEAD",
         .target = "/api/v2/events",
         .fields = {{"Authorization", "Bearer " + secret_key_}}}
    );
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer.reply.body, get("/api/v2/events").reply.body);
}

TEST_F(RoutesOfCalls, ShowTheDocumentToAnybody) {
    const auto answer = ask({.target = "/openapi.json"});
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer["openapi"].string(), "3.1.0");
    EXPECT_TRUE(answer.field("X-Request-ID").starts_with("req_"));
}

}  // namespace
}  // namespace postern::daemon
