#include "daemon/commands/metric_rates.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

using std::chrono::seconds;

TEST(MetricRates, AreGrowthOverTime) {
    const auto before = MetricsText::parse("a{x=\"1\"} 10\na{x=\"2\"} 5\n");
    const auto after = MetricsText::parse("a{x=\"1\"} 14\na{x=\"2\"} 5\na{x=\"3\"} 2\n");
    const MetricsSpan span{before, after, seconds{2}};
    EXPECT_EQ(rate_per_second(span, {.name = "a"}), 3);
    EXPECT_EQ(rate_per_second(span, {"a", "x", "1"}), 2);
    EXPECT_EQ(rate_per_second(span, {"a", "x", "2"}), 0);
    EXPECT_EQ(rate_per_second(span, {.name = "b"}), std::nullopt);
    EXPECT_EQ(rate_per_second({before, after, seconds{0}}, {.name = "a"}), std::nullopt);
}

TEST(MetricRates, TakeACounterThatFellForOneThatBeganAnew) {
    const auto before = MetricsText::parse("a{x=\"1\"} 100\na{x=\"2\"} 1\n");
    const auto after = MetricsText::parse("a{x=\"1\"} 4\na{x=\"2\"} 3\n");
    EXPECT_EQ(growth({before, after, seconds{1}}, {.name = "a"}), 6);
}

TEST(MetricRates, KnowTheMeanOfWhatHappenedBetween) {
    const auto before = MetricsText::parse("h_sum 10\nh_count 10\n");
    const auto after = MetricsText::parse("h_sum 16\nh_count 13\n");
    EXPECT_EQ(mean({before, after, seconds{1}}, "h"), 2);
    EXPECT_EQ(mean({after, after, seconds{1}}, "h"), std::nullopt);
}

// Ten were at most 1, ten more at most 2, and none up to 4; `above` were more than that.
std::string histogram(int above) {
    return "h_bucket{le=\"1\"} 10\nh_bucket{le=\"2\"} 20\nh_bucket{le=\"4\"} 20\n"
           "h_bucket{le=\"+Inf\"} "
           + std::to_string(20 + above) + "\n";
}

struct QuantileCase {
    const char* name;
    int above;
    double fraction;
    double value;
};

TEST(MetricRates, FindQuantilesBetweenTheBounds) {
    const QuantileCase cases[] = {
        {"in the first bucket", 0, 0.25, 0.5},
        {"at a bound", 0, 0.5, 1},
        {"in the second bucket", 0, 0.75, 1.5},
        {"all of them", 0, 1, 2},
        {"above the last bound", 20, 0.9, 4},
    };
    const MetricsText nothing;
    for (const QuantileCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const auto after = MetricsText::parse(histogram(test_case.above));
        const MetricsSpan span{nothing, after, seconds{1}};
        EXPECT_EQ(value_at(span, {"h", test_case.fraction}), test_case.value);
    }
}

TEST(MetricRates, FindNoQuantileWhereNothingHappened) {
    const auto page = MetricsText::parse(histogram(1));
    EXPECT_EQ(value_at({page, page, seconds{1}}, {"h", 0.5}), std::nullopt);
    EXPECT_EQ(value_at({page, page, seconds{1}}, {"absent", 0.5}), std::nullopt);
}

TEST(MetricRates, LeaveOutWhatWasThereBefore) {
    const auto before = MetricsText::parse("h_bucket{le=\"1\"} 10\nh_bucket{le=\"+Inf\"} 10\n");
    const auto after = MetricsText::parse("h_bucket{le=\"1\"} 10\nh_bucket{le=\"+Inf\"} 12\n");
    EXPECT_EQ(value_at({before, after, seconds{1}}, {"h", 0.5}), 1);
}

}  // namespace
}  // namespace postern::daemon::commands
