#include "daemon/commands/top_view.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::daemon::commands {
namespace {

using std::chrono::seconds;

const Figure* find(const std::vector<FigureGroup>& groups, std::string_view path) {
    for (const FigureGroup& group : groups) {
        for (const Figure& figure : group.figures) {
            if (std::string{group.title} + '/' + std::string{figure.name} == path) return &figure;
        }
    }
    return nullptr;
}

TEST(TopView, MakesFiguresOfTwoLooks) {
    const auto before = MetricsText::parse(
        "postern_webhooks_received_total{gateway=\"a\"} 10\n"
        "postern_delivery_attempts_total{error=\"none\"} 1\n"
        "postern_delivery_attempts_total{error=\"timeout\"} 1\n"
    );
    const auto after = MetricsText::parse(
        "postern_webhooks_received_total{gateway=\"a\"} 20\n"
        "postern_delivery_attempts_total{error=\"none\"} 5\n"
        "postern_delivery_attempts_total{error=\"timeout\"} 3\n"
        "postern_store_queue_units 7\n"
        "postern_store_commit_seconds_count 4\n"
        "postern_store_commit_seconds_bucket{le=\"0.1\"} 4\n"
        "postern_store_commit_seconds_bucket{le=\"+Inf\"} 4\n"
        "postern_store_batch_units_count 0\n"
        "postern_cluster_members 3\n"
    );
    const auto groups = figure_groups({before, after, seconds{2}});
    struct Case {
        const char* path;
        std::optional<double> value;
    };
    const Case cases[] = {
        {"webhooks/received", 5},
        {"delivery/attempts", 3},
        {"delivery/delivered", 2},
        {"store/queue", 7},
        {"store/commits", 2},
        {"store/p50", 0.05},
        {"store/units each", std::nullopt},
        {"cluster/members", 3},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.path);
        const Figure* figure = find(groups, test_case.path);
        ASSERT_NE(figure, nullptr);
        EXPECT_EQ(figure->value, test_case.value);
    }
    EXPECT_EQ(find(groups, "webhooks/shed"), nullptr) << "a figure of no metric";
    EXPECT_EQ(find(groups, "requests/requests"), nullptr);
}

TEST(TopView, ShowsTheBusiestGatewayFirstAndNoneThatIsSilent) {
    const auto before =
        MetricsText::parse("postern_webhooks_received_total{gateway=\"slow\"} 100\n");
    const auto after = MetricsText::parse(
        "postern_webhooks_received_total{gateway=\"silent\"} 0\n"
        "postern_webhooks_received_total{gateway=\"slow\"} 101\n"
        "postern_webhooks_received_total{gateway=\"fast\"} 10\n"
        "postern_webhooks_refused_total{gateway=\"fast\",reason=\"malformed\"} 2\n"
        "postern_webhooks_refused_total{gateway=\"fast\",reason=\"bad_signature\"} 2\n"
    );
    const auto rows = gateway_rows({before, after, seconds{2}});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].id, "fast");
    EXPECT_EQ(rows[0].received, 5);
    EXPECT_EQ(rows[0].refused, 2);
    EXPECT_EQ(rows[1].id, "slow");
    EXPECT_EQ(rows[1].received_ever, 101);
}

std::vector<EndpointRow> known_endpoints() {
    const auto list = JsonDocument::parse(R"([
        {"id":"we_1","url":"https://a","status":"enabled","health":{"state":"healthy"}},
        {"id":"we_2","url":"https://b","status":"enabled","health":{"state":"paused"}},
        {"id":"we_3","url":"https://c","status":"disabled","disabled_reason":"manual",
         "health":{"state":"failing"}},
        {"id":"we_4","url":"https://d","status":"disabled","disabled_reason":"gone",
         "health":{"state":"healthy"}}])");
    std::vector<EndpointRow> endpoints;
    append_endpoints(list->root(), endpoints);
    return endpoints;
}

TEST(TopView, ShowsEndpointsThatFailBeforeThoseThatAreSlow) {
    const MetricsText nothing;
    const auto after = MetricsText::parse(
        "postern_endpoint_attempts_total{endpoint=\"we_1\",outcome=\"delivered\"} 4\n"
        "postern_endpoint_attempts_total{endpoint=\"we_2\",outcome=\"delivered\"} 0\n"
        "postern_endpoint_attempts_total{endpoint=\"we_2\",outcome=\"failed\"} 8\n"
        "postern_endpoint_attempts_total{endpoint=\"we_9\",outcome=\"delivered\"} 2\n"
        "postern_endpoint_attempts_total{endpoint=\"other\",outcome=\"delivered\"} 2\n"
        "postern_endpoint_attempt_seconds_total{endpoint=\"we_1\"} 2\n"
        "postern_endpoint_attempt_seconds_total{endpoint=\"we_9\"} 6\n"
    );
    const auto rows = endpoint_rows({nothing, after, seconds{2}}, known_endpoints());
    std::vector<std::string> ids;
    for (const EndpointRow& row : rows) ids.push_back(row.id);
    ASSERT_EQ(ids, (std::vector<std::string>{"we_2", "we_4", "we_9", "we_1"}));
    EXPECT_EQ(rows[0].state, "paused");
    EXPECT_EQ(rows[0].attempts, 4);
    EXPECT_EQ(rows[0].failures, 4);
    EXPECT_EQ(rows[1].state, "disabled");
    EXPECT_EQ(rows[2].seconds, 3);
    EXPECT_EQ(rows[2].url, "");
    EXPECT_EQ(rows[3].seconds, 0.5);
    EXPECT_EQ(rows[3].url, "https://a");
}

TEST(TopView, SaysWhyADaemonIsNotReady) {
    const auto ready = JsonDocument::parse(R"({"status":"ready","reason":null})");
    EXPECT_EQ(readiness_text(ready->root()), "ready");
    const auto full = JsonDocument::parse(R"({"status":"not_ready","reason":"stopping"})");
    EXPECT_EQ(readiness_text(full->root()), "not ready: stopping");
}

TEST(TopView, TellsProgramsItsNumbersWithTheirUnits) {
    TopView view{.address = "http://x", .version = "1", .state = "ready"};
    view.span_seconds = 2.5;
    view.groups = {
        {"store",
         {{"commits", 2, FigureUnit::per_second},
          {"queue size", 1024, FigureUnit::bytes},
          {"p99", std::nullopt, FigureUnit::seconds}}}};
    view.endpoints = {{.id = "we_1", .state = "paused"}};
    const auto document = JsonDocument::parse(view_json(view));
    ASSERT_TRUE(document.has_value());
    const JsonValue root = document->root();
    EXPECT_EQ(root["span_seconds"].number(), "2.5");
    EXPECT_EQ(root["store"]["commits_per_second"].number(), "2");
    EXPECT_EQ(root["store"]["queue_size_bytes"].number(), "1024");
    EXPECT_TRUE(root["store"]["p99_seconds"].is_null());
    EXPECT_EQ(root.path("endpoints.0.state").string(), "paused");
    EXPECT_TRUE(root.path("endpoints.0.attempt_seconds").is_null());
}

}  // namespace
}  // namespace postern::daemon::commands
