#include "daemon/commands/metrics_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace postern::daemon::commands {
namespace {

constexpr const char* kPage = R"(# HELP received_total Webhooks "received"
# TYPE received_total counter
received_total{gateway="stripe"} 5
received_total{gateway="adyen",} 7 1700000000000
plain 1.5e3
  indented 2
odd{name="a\"b\\c\nd,e=}"} 1
empty{} 3
)";

TEST(MetricsText, ReadsSamplesAndTheirLabels) {
    const MetricsText metrics = MetricsText::parse(kPage);
    EXPECT_EQ(metrics.samples("received_total").size(), 2U);
    EXPECT_EQ(metrics.sum({.name = "received_total"}), 12);
    EXPECT_EQ(metrics.sum({"received_total", "gateway", "adyen"}), 7);
    EXPECT_EQ(metrics.sum({"received_total", "gateway", "nobody"}), 0);
    EXPECT_EQ(metrics.sum({.name = "plain"}), 1500);
    EXPECT_EQ(metrics.sum({.name = "indented"}), 2);
    EXPECT_EQ(metrics.sum({.name = "empty"}), 3);
    ASSERT_TRUE(metrics.has("odd"));
    EXPECT_EQ(metrics.samples("odd")[0].labels.at("name"), "a\"b\\c\nd,e=}");
    EXPECT_FALSE(metrics.has("absent"));
}

TEST(MetricsText, NamesEachValueOfALabelOnce) {
    const MetricsText metrics =
        MetricsText::parse("a{x=\"2\",y=\"1\"} 1\na{x=\"1\"} 1\na{x=\"2\"} 1");
    EXPECT_EQ(metrics.values_of("a", "x"), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(metrics.values_of("a", "y"), (std::vector<std::string>{"1"}));
    EXPECT_TRUE(metrics.values_of("b", "x").empty());
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct NumberCase {
    const char* text;
    double value;
};

TEST(MetricsText, TakesEveryNumberThatPrometheusWrites) {
    const NumberCase cases[] = {
        {"a +Inf", kInfinity},
        {"a -Inf", -kInfinity},
        {"a 1e-05", 1e-5},
        {"a -3", -3},
        {"a +2", 2}};
    for (const NumberCase& test_case : cases) {
        SCOPED_TRACE(test_case.text);
        EXPECT_EQ(MetricsText::parse(test_case.text).sum({.name = "a"}), test_case.value);
    }
    EXPECT_TRUE(std::isnan(MetricsText::parse("a NaN").sum({.name = "a"})));
}

TEST(MetricsText, SkipsWhatIsNoSample) {
    const char* const lines[] = {
        "a",
        "a ",
        "a x",
        "a 1x",
        "a{",
        "a{b",
        "a{b=",
        "a{b=\"",
        "a{b=\"c",
        "a{b=\"c\\",
        "a{b=\"c\"",
        "a{b=\"c\" 1",
        "a{b=c} 1",
        "a{b=\"c\"d=\"e\"} 1",
        "{b=\"c\"} 1",
        "# a 1",
        "<html>"};
    for (const char* line : lines) {
        SCOPED_TRACE(line);
        const MetricsText metrics = MetricsText::parse(std::string{line} + "\nnext 1\n");
        EXPECT_FALSE(metrics.has("a"));
        EXPECT_TRUE(metrics.has("next"));
    }
}

}  // namespace
}  // namespace postern::daemon::commands
