#include "daemon/commands/resources.hpp"

#include "tests/unit/daemon/daemon_testing.hpp"

#include <CLI/CLI.hpp>

#include <fstream>

namespace postern::daemon::commands {
namespace {

ResourceCommand parse(std::vector<std::string> words) {
    CLI::App app;
    ResourceCommand command;
    add_resource_commands(app, command);
    std::reverse(words.begin(), words.end());  // as this overload of parse() takes them
    app.parse(words);
    return command;
}

struct Case {
    const char* name;
    std::vector<std::string> words;
    const char* method;
    const char* path;
    std::vector<std::pair<std::string, std::string>> query;
    const char* body;
};

const Case kCases[] = {
    {"a list",
     {"events", "list", "--type", "payment.*", "--limit", "5", "--cursor", "evt_1"},
     "GET",
     "/api/v2/events",
     {{"type", "payment.*"}, {"limit", "5"}, {"cursor", "evt_1"}},
     ""},
    {"the deliveries of an endpoint",
     {"deliveries", "list", "we_1", "--state", "dead"},
     "GET",
     "/api/v2/webhook-endpoints/we_1/deliveries",
     {{"state", "dead"}},
     ""},
    {"an id that is none",
     {"deliveries", "show", "../x?y"},
     "GET",
     "/api/v2/deliveries/..%2fx%3fy",
     {},
     ""},
    {"a plain action",
     {"endpoints", "ping", "we_1"},
     "POST",
     "/api/v2/webhook-endpoints/we_1/ping",
     {},
     ""},
    {"a removal", {"jobs", "cancel", "job_1"}, "DELETE", "/api/v2/jobs/job_1", {}, ""},
    {"a creation",
     {"endpoints", "create", "https://x", "--event-type", "a.b", "--event-type", "c.*"},
     "POST",
     "/api/v2/webhook-endpoints",
     {},
     R"({"url":"https://x","event_types":["a.b","c.*"]})"},
    {"texts stay texts",
     {"endpoints", "update", "we_1", "--description", "2024"},
     "PATCH",
     "/api/v2/webhook-endpoints/we_1",
     {},
     R"({"description":"2024"})"},
    {"settings as JSON or as texts",
     {"endpoints",
      "update",
      "we_1",
      "--set",
      "in_flight_max=4",
      "--set",
      "format=stripe",
      "--set",
      R"(filter={"field":"type","equals":"a=b"})"},
     "PATCH",
     "/api/v2/webhook-endpoints/we_1",
     {},
     R"({"in_flight_max":4,"format":"stripe","filter":{"field":"type","equals":"a=b"}})"},
    {"a resend to one endpoint",
     {"events", "resend", "evt_1", "--endpoint", "we_1"},
     "POST",
     "/api/v2/events/evt_1/resend",
     {},
     R"({"endpoint_id":"we_1"})"},
    {"a key",
     {"keys",
      "create",
      "restricted",
      "--scope",
      "payments:read",
      "--scope",
      "balance:read",
      "--livemode",
      "true"},
     "POST",
     "/api/v2/api-keys",
     {},
     R"({"kind":"restricted","livemode":true,"scopes":["payments:read","balance:read"]})"},
    {"a roll",
     {"keys", "roll", "key_1", "--overlap-hours", "24"},
     "POST",
     "/api/v2/api-keys/key_1/roll",
     {},
     R"({"overlap_hours":24})"},
    {"requests",
     {"requests", "list", "--status", "4xx", "--path", "/v1/"},
     "GET",
     "/api/v2/request-logs",
     {{"status", "4xx"}, {"path_prefix", "/v1/"}},
     ""},
    {"a recovery",
     {"jobs", "recover", "we_1", "--since", "2026-01-28", "--rate", "10"},
     "POST",
     "/api/v2/webhook-endpoints/we_1/recover",
     {},
     R"({"since":"2026-01-28","rate_per_second":10})"},
    {"a dispute",
     {"sandbox", "dispute", "pay_1", "--reason", "general"},
     "POST",
     "/api/v2/sandbox/disputes",
     {},
     R"({"payment_id":"pay_1","reason":"general"})"},
    {"a payout that fails",
     {"sandbox", "payout-fail", "po_1"},
     "POST",
     "/api/v2/sandbox/payouts/po_1/fail",
     {},
     ""},
};

TEST(Resources, BecomeCallsOfTheApi) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const auto call = call_of(parse(test_case.words));
        ASSERT_TRUE(call.has_value()) << call.error().message;
        EXPECT_EQ(call->method, test_case.method);
        EXPECT_EQ(call->path, test_case.path);
        EXPECT_EQ(call->query, test_case.query);
        EXPECT_EQ(call->body, test_case.body);
    }
}

TEST(Resources, HaveAVerbForEachPathOnce) {
    for (const Verb& verb : resource_verbs()) {
        SCOPED_TRACE(std::string{verb.resource} + ' ' + std::string{verb.name});
        EXPECT_TRUE(verb.path.starts_with("/api/v2/"));
        const bool takes_id = verb.path.find("{id}") != std::string_view::npos;
        EXPECT_EQ(takes_id, verb.positional == "id" || verb.positional == "endpoint-id");
        EXPECT_FALSE(columns_of(verb.resource).empty());
    }
}

TEST(Resources, RefuseASettingWithoutAName) {
    for (const char* setting : {"timeout_seconds", "=5"}) {
        const auto call = call_of(parse({"endpoints", "update", "we_1", "--set", setting}));
        EXPECT_FALSE(call.has_value()) << setting;
    }
}

class ResourcesInFolder : public FolderTest {};

TEST_F(ResourcesInFolder, TakeSettingsFromAFileUnderThoseOfTheCommandLine) {
    const std::string path = folder_ / "endpoint.json";
    std::ofstream{path} << "{ \"description\": \"}\", \"format\": \"stripe\" }\n";
    const auto call = call_of(
        parse({"endpoints", "create", "https://x", "--file", path, "--set", "format=unified"})
    );
    ASSERT_TRUE(call.has_value()) << call.error().message;
    const auto body = JsonDocument::parse(call->body);
    ASSERT_TRUE(body.has_value()) << call->body;
    EXPECT_EQ(body->root()["url"].string(), "https://x");
    EXPECT_EQ(body->root()["description"].string(), "}");
    EXPECT_EQ(body->root()["format"].string(), "unified");
    std::ofstream{path} << "[]";
    EXPECT_FALSE(call_of(parse({"endpoints", "update", "we_1", "--file", path})).has_value());
    EXPECT_FALSE(call_of(parse({"endpoints", "update", "we_1", "--file", "/absent"})).has_value());
}

TEST(Resources, ShowListsAsTablesAndSayHowToGoOn) {
    const ResourceCommand command = parse({"jobs", "list"});
    EXPECT_EQ(
        answer_text(
            command,
            R"({"data":[{"id":"job_1","state":"running"}],"has_more":true,"next_cursor":"job_1"})"
        ),
        "ID     STATE\njob_1  running\nmore with --cursor job_1\n"
    );
}

TEST(Resources, FailWhenAPingDidNotArrive) {
    EXPECT_FALSE(has_succeeded(R"({"delivered":false})"));
    EXPECT_TRUE(has_succeeded(R"({"delivered":true})"));
    EXPECT_TRUE(has_succeeded(R"({"deliveries":{"delivered":0}})"));
    EXPECT_TRUE(has_succeeded(""));
}

TEST(Resources, ShowTheAnswerAsItIsToPrograms) {
    const ResourceCommand command = parse({"jobs", "list", "--json"});
    EXPECT_EQ(answer_text(command, R"({"data":[]})"), "{\"data\":[]}\n");
}

}  // namespace
}  // namespace postern::daemon::commands
