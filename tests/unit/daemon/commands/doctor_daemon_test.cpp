#include "daemon/commands/doctor_daemon.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

using std::chrono::days;
using std::chrono::hours;

const TimePoint kNow = *from_iso8601("2026-01-28T10:00:00Z");

struct Case {
    const char* name;
    const char* json;
    Severity severity;
    const char* fragment = "";
};

void expect(const Findings& findings, const Case& test_case) {
    SCOPED_TRACE(test_case.name);
    EXPECT_EQ(gravest(findings), test_case.severity);
    const std::string text = findings.empty() ? "" : report_text(findings);
    EXPECT_NE(text.find(test_case.fragment), std::string::npos) << text;
}

Findings judged(const Case& test_case, Findings (*judge)(JsonValue)) {
    const auto document = JsonDocument::parse(test_case.json);
    EXPECT_TRUE(document.has_value()) << test_case.name;
    return judge(document->root());
}

const Case kReadiness[] = {
    {"a full disk",
     R"({"status":"not_ready","reason":"the disk is nearly full"})",
     Severity::error,
     "make room"},
    {"two reasons",
     R"({"status":"not_ready","reason":"stopping","reasons":["stopping","commits are slow"]})",
     Severity::error,
     "not ready: stopping, commits are slow"},
    {"a reason of another version",
     R"({"status":"not_ready","reason":"the moon"})",
     Severity::error,
     "look in its log"},
    {"what is no Postern", "{}", Severity::error, "not ready"},
};

TEST(DoctorDaemon, SaysWhyADaemonIsNotReady) {
    for (const Case& test_case : kReadiness) {
        expect(
            judged(test_case, [](JsonValue json) { return Findings{judge_readiness(json)}; }),
            test_case
        );
    }
    const auto ready = JsonDocument::parse(R"({"status":"ready","reason":null})");
    EXPECT_EQ(judge_readiness(ready->root()).severity, Severity::fine);
}

TEST(DoctorDaemon, TellsHowANodeStandsAmongTheOthers) {
    const Case cases[] = {
        {"a led cluster",
         R"({"number":1,"members":[{},{}],"leader":"north","queue":{"state":"up"}})",
         Severity::fine,
         "one of 2 nodes, number 1, led by north"},
        {"nobody leads",
         R"({"number":0,"members":[{}],"leader":null,"queue":{"state":"none"}})",
         Severity::warning,
         "nobody leads"},
        {"Redis is away",
         R"({"number":0,"members":[{}],"leader":"a","queue":{"state":"down","why":"refused"}})",
         Severity::warning,
         "Redis does not answer: refused"},
    };
    for (const Case& test_case : cases) {
        expect(judged(test_case, [](JsonValue json) { return judge_cluster(json); }), test_case);
    }
    const auto alone = JsonDocument::parse("{}");
    EXPECT_TRUE(judge_cluster(alone->root()["cluster"]).empty());
}

TEST(DoctorDaemon, NoticesThatAnotherVersionRuns) {
    const auto same = JsonDocument::parse(R"({"version":")" POSTERN_VERSION R"("})");
    EXPECT_EQ(judge_program(same->root()).severity, Severity::fine);
    const auto old = JsonDocument::parse(R"({"version":"0.0.1"})");
    EXPECT_EQ(judge_program(old->root()).severity, Severity::note);
}

struct MetricsCase {
    const char* name;
    const char* page;
    Severity severity;
    const char* fragment = "";
};

TEST(DoctorDaemon, FindsWhatShouldNotHaveHappened) {
    const MetricsCase cases[] = {
        {"nothing", "postern_store_poisoned 0\n", Severity::fine},
        {"a failed store", "postern_store_poisoned 1\n", Severity::error, "store.failed"},
        {"a webhook that was shed",
         "postern_webhooks_shed_total{gateway=\"a\"} 2\npostern_webhooks_shed_total 1\n",
         Severity::warning,
         "3 webhooks"},
        {"old work", "postern_delivery_oldest_due_seconds 61\n", Severity::warning, "61 seconds"},
        {"young work", "postern_delivery_oldest_due_seconds 60\n", Severity::fine},
    };
    for (const MetricsCase& test_case : cases) {
        expect(
            judge_metrics(MetricsText::parse(test_case.page)),
            {test_case.name, "", test_case.severity, test_case.fragment}
        );
    }
}

const Case kGateways[] = {
    {"one that is heard from",
     R"({"id":"a","enabled":true,"livemode":true,"health":{"last_verified_at":
         "2026-01-28T09:00:00Z","refused":{"bad_signature":0}}})",
     Severity::fine,
     "the last webhook was verified 1 h ago"},
    {"a sandbox that is silent",
     R"({"id":"a","enabled":true,"livemode":false,"health":{"last_verified_at":null}})",
     Severity::fine},
    {"one that is live and was never heard from",
     R"({"id":"a","enabled":true,"livemode":true,"health":{"last_verified_at":null}})",
     Severity::warning,
     "no webhook for 2 d"},
    {"one that is switched off",
     R"({"id":"a","enabled":false,"livemode":true,"health":{"last_verified_at":null}})",
     Severity::fine},
    {"one that fell silent",
     R"({"id":"a","enabled":true,"livemode":true,"health":{"last_verified_at":
         "2026-01-20T09:00:00Z"}})",
     Severity::warning,
     "no webhook for 8 d 1 h"},
    {"a secret that is not the provider's",
     R"({"id":"a","enabled":true,"livemode":false,"health":{"last_verified_at":null,
         "refused":{"bad_signature":3,"unknown_key":1}}})",
     Severity::error,
     "postern verify --gateway a"},
    {"a secret that was changed there",
     R"({"id":"a","enabled":true,"livemode":false,"health":{"last_verified_at":
         "2026-01-28T09:00:00Z","refused":{"bad_signature":3},
         "recent_refusals":[{"at":"2026-01-28T09:30:00Z"}]}})",
     Severity::warning,
     "was it changed there?"},
    {"a forger who went away",
     R"({"id":"a","enabled":true,"livemode":false,"health":{"last_verified_at":
         "2026-01-28T09:00:00Z","refused":{"bad_signature":3},
         "recent_refusals":[{"at":"2026-01-28T08:30:00Z"}]}})",
     Severity::note,
     "right ones came after"},
};

TEST(DoctorDaemon, FindsGatewaysThatAreSilentOrRefused) {
    for (const Case& test_case : kGateways) {
        const auto judge = [](JsonValue json) {
            return judge_gateway(json, {.started_at = kNow - days{2}, .now = kNow});
        };
        expect(judged(test_case, judge), test_case);
    }
}

TEST(DoctorDaemon, KnowsWhatAGatewaySentBeforeTheStart) {
    const auto judge = [](JsonValue json) {
        return judge_gateway(
            json,
            {.started_at = kNow - hours{1},
             .now = kNow,
             .verified_before = from_iso8601("2026-01-20T09:00:00Z")}
        );
    };
    const Case cases[] = {
        {"one that was silent before as well",
         R"({"id":"a","livemode":true,"health":{"last_verified_at":null}})",
         Severity::warning,
         "no webhook for 8 d 1 h"},
        {"one that a stranger wrote to",
         R"({"id":"a","livemode":false,"health":{"last_verified_at":null,"refused":
             {"bad_signature":1},"recent_refusals":[{"at":"2026-01-28T09:30:00Z"}]}})",
         Severity::warning,
         "the last of all among them"},
        {"one that was heard from since",
         R"({"id":"a","livemode":true,"health":{"last_verified_at":"2026-01-28T09:30:00Z"}})",
         Severity::fine,
         "30 min ago"},
    };
    for (const Case& test_case : cases) expect(judged(test_case, judge), test_case);
    const auto fresh = JsonDocument::parse(R"({"id":"a","livemode":true})");
    const Findings findings = judge_gateway(fresh->root(), {.started_at = kNow, .now = kNow});
    EXPECT_EQ(gravest(findings), Severity::note);
}

TEST(DoctorDaemon, TellsWhatCameOfATestEvent) {
    const Case cases[] = {
        {"one that took it", R"({"delivered":true,"status":204})", Severity::fine, "took a test"},
        {"one that refused it",
         R"({"delivered":false,"status":500,"error":"http_status"})",
         Severity::warning,
         "http_status (500), https://x"},
        {"one that is not there",
         R"({"delivered":false,"status":null,"error":"dns_failed"})",
         Severity::warning,
         "dns_failed, https://x"},
    };
    const auto endpoint = JsonDocument::parse(R"({"id":"we_1","url":"https://x"})");
    for (const Case& test_case : cases) {
        const auto judge = [&endpoint](JsonValue answer) {
            return Findings{judge_ping(endpoint->root(), answer)};
        };
        const auto answer = JsonDocument::parse(test_case.json);
        expect(judge(answer->root()), test_case);
    }
}

const Case kEndpoints[] = {
    {"a healthy one",
     R"({"id":"we_1","status":"enabled","health":{"state":"healthy"}})",
     Severity::fine},
    {"one that was switched off by hand",
     R"({"id":"we_1","status":"disabled","disabled_reason":"manual","health":{"state":"failing"}})",
     Severity::fine},
    {"one that failed too long",
     R"({"id":"we_1","status":"disabled","disabled_reason":"failing","url":"https://x"})",
     Severity::warning,
     "postern jobs recover we_1"},
    {"one that fails",
     R"({"id":"we_1","status":"enabled","url":"https://x",
         "health":{"state":"paused","failing_since":"2026-01-28T07:00:00Z"}})",
     Severity::warning,
     "paused for 3 h, https://x"},
};

TEST(DoctorDaemon, FindsEndpointsThatFail) {
    for (const Case& test_case : kEndpoints) {
        const auto judge = [](JsonValue json) {
            return judge_endpoint(json, kNow);
        };
        expect(judged(test_case, judge), test_case);
    }
}

}  // namespace
}  // namespace postern::daemon::commands
