#include "daemon/commands/resources.hpp"

#include "daemon/api.hpp"
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
    {"a list in the other order",
     {"jobs", "list", "--state", "running", "--endpoint", "we_1", "--order", "asc"},
     "GET",
     "/api/v2/jobs",
     {{"state", "running"}, {"endpoint_id", "we_1"}, {"order", "asc"}},
     ""},
    {"a resend of many events",
     {"jobs", "resend", "--since", "2026-01-28", "--type", "refund.*", "--gateway", "stripe"},
     "POST",
     "/api/v2/events/resend",
     {},
     R"({"since":"2026-01-28","type":"refund.*","gateway":"stripe"})"},
    {"the gaps of an endpoint",
     {"endpoints", "gaps", "we_1", "--cursor", "41"},
     "GET",
     "/api/v2/webhook-endpoints/we_1/gaps",
     {{"cursor", "41"}},
     ""},
    {"a trial of a change",
     {"endpoints", "dry-run", "we_1", "--event-type", "refund.*"},
     "POST",
     "/api/v2/webhook-endpoints/we_1/dry-run",
     {},
     R"({"event_types":["refund.*"]})"},
    {"a trial without an endpoint",
     {"endpoints", "dry-run", "--filter", R"({"field":"type","equals":"a"})"},
     "POST",
     "/api/v2/webhook-endpoints/dry-run",
     {},
     R"({"filter":{"field":"type","equals":"a"}})"},
    {"the types of events", {"events", "types"}, "GET", "/api/v2/event-types", {}, ""},
    {"a gateway", {"gateways", "show", "stripe"}, "GET", "/api/v2/gateways/stripe", {}, ""},
    {"a page of accounts",
     {"accounts", "list", "--cursor", "app_1"},
     "GET",
     "/api/v1/app",
     {{"iterator", "app_1"}},
     ""},
    {"an account",
     {"accounts", "create", "Shop", "--uid", "shop-7"},
     "POST",
     "/api/v1/app",
     {},
     R"({"name":"Shop","uid":"shop-7"})"},
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
        EXPECT_TRUE(verb.path.starts_with("/api/"));
        const bool takes_id = verb.path.find("{id}") != std::string_view::npos;
        EXPECT_EQ(takes_id, verb.positional == "id" || verb.positional == "endpoint-id");
        EXPECT_TRUE(verb.answer != Verb::Answer::list || !columns_of(verb).empty());
    }
}

// Faces of other services have clients of their own.
bool needs_a_verb(std::string_view path) {
    return path.starts_with("/api/v2/");
}

bool reaches(const Verb& verb, const Route& route) {
    if (verb.method != route.method) return false;
    std::string path{verb.path};
    if (path == route.pattern) return true;
    const auto place = path.find("/{id}");
    if (verb.id != Verb::Id::optional || place == std::string::npos) return false;
    return path.erase(place, 5) == route.pattern;
}

TEST(Resources, ReachEveryRouteOfTheApi) {
    const auto verbs = resource_verbs();
    for (const Route& route : api_routes()) {
        if (!needs_a_verb(route.pattern)) continue;
        const auto fits = [&route](const Verb& verb) {
            return reaches(verb, route);
        };
        EXPECT_TRUE(std::any_of(verbs.begin(), verbs.end(), fits))
            << route.method << ' ' << route.pattern;
    }
}

TEST(Resources, RefuseASettingWithoutAName) {
    for (const char* setting : {"timeout_seconds", "=5"}) {
        const auto call = call_of(parse({"endpoints", "update", "we_1", "--set", setting}));
        EXPECT_FALSE(call.has_value()) << setting;
    }
}

TEST(Resources, RefuseAnIdThatIsEmpty) {
    for (const Verb& verb : resource_verbs()) {
        if (verb.positional.empty() || verb.id == Verb::Id::optional) continue;
        SCOPED_TRACE(std::string{verb.resource} + ' ' + std::string{verb.name});
        EXPECT_FALSE(call_of({.verb = &verb}).has_value());
    }
}

TEST(Resources, RefuseAChangeOfNothing) {
    EXPECT_FALSE(call_of(parse({"endpoints", "update", "we_1"})).has_value());
    EXPECT_FALSE(call_of(parse({"accounts", "update", "app_1"})).has_value());
    EXPECT_TRUE(call_of(parse({"endpoints", "update", "we_1", "--set", "uid=a"})).has_value());
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

TEST(Resources, ShowWhatAListSaysBesideItsRows) {
    const ResourceCommand gaps = parse({"endpoints", "gaps", "we_1"});
    EXPECT_EQ(
        answer_text(
            gaps,
            R"({"endpoint_id":"we_1","sequence":{"from":1,"to":9},"data":[{"sequence":4,
                "state":"dead"}],"has_more":false,"next_cursor":null})"
        ),
        "SEQUENCE  STATE\n4         dead\n"
        "endpoint_id    we_1\nsequence.from  1\nsequence.to    9\n"
    );
    const ResourceCommand accounts = parse({"accounts", "list"});
    EXPECT_EQ(
        answer_text(
            accounts,
            R"({"data":[{"name":"x"}],"iterator":"app_1","prevIterator":"-app_1","done":false})"
        ),
        "NAME\nx\nmore with --cursor app_1\n"
    );
}

TEST(Resources, SayThatARemovalWithoutAnAnswerIsDone) {
    EXPECT_EQ(answer_text(parse({"accounts", "delete", "app_1"}), ""), "done\n");
    EXPECT_EQ(answer_text(parse({"accounts", "delete", "app_1", "--json"}), ""), "");
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
