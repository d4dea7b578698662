#include "daemon/api_metrics.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

TEST(ApiMetrics, CountsAnswersByTheirFirstDigit) {
    MetricRegistry registry;
    ApiMetrics metrics{registry};
    for (const int status : {200, 201, 404, 422, 429, 503}) {
        metrics.observe(status, std::chrono::milliseconds{3});
    }
    const auto count = [&registry](std::string_view status) {
        return registry.counter({"postern_api_requests_total", ""}, {{"status", status}}).value();
    };
    EXPECT_EQ(count("2xx"), 2);
    EXPECT_EQ(count("3xx"), 0);
    EXPECT_EQ(count("4xx"), 3);
    EXPECT_EQ(count("5xx"), 1);
    const std::string text = registry.render();
    EXPECT_NE(text.find("postern_api_request_seconds_count 6"), std::string::npos) << text;
}

}  // namespace
}  // namespace postern::daemon
