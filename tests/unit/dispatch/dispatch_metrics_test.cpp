#include "dispatch/dispatch_metrics.hpp"

#include <gtest/gtest.h>

namespace postern::dispatch {
namespace {

using std::chrono::milliseconds;

TEST(DispatchMetrics, CountsOnlyPhasesThatAnAttemptWentThrough) {
    MetricRegistry registry;
    DispatchMetrics metrics{registry};
    metrics.observe({.dns = milliseconds{3}, .connect = milliseconds{2}, .tls = milliseconds{9}});
    metrics.observe({.first_byte = milliseconds{40}});  // on a connection that was open
    metrics.observe({.dns = milliseconds{1}});
    const std::string text = registry.render();
    const auto shows = [&text](std::string_view phase, int count) {
        const std::string series = "postern_delivery_phase_seconds_count{phase=\"";
        const std::string line =
            series + std::string{phase} + "\"} " + std::to_string(count) + "\n";
        return text.find(line) != std::string::npos;
    };
    EXPECT_TRUE(shows("dns", 2)) << text;
    EXPECT_TRUE(shows("connect", 1)) << text;
    EXPECT_TRUE(shows("tls", 1)) << text;
    EXPECT_TRUE(shows("first_byte", 1)) << text;
}

}  // namespace
}  // namespace postern::dispatch
