#include "daemon/order_metrics.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using Step = OrderMetrics::Step;

TEST(OrderMetrics, CountEachGatewayByItself) {
    std::vector<payments::PaymentGateway> gateways(2);
    gateways[0].name = "first";
    gateways[0].number = storage::GatewayNumber{1};
    gateways[1].name = "second";
    gateways[1].number = storage::GatewayNumber{2};
    MetricRegistry registry;
    OrderMetrics metrics{registry, gateways};
    metrics.count(storage::GatewayNumber{1}, Step::asked);
    metrics.count(storage::GatewayNumber{1}, Step::asked);
    metrics.count(storage::GatewayNumber{1}, Step::unknown);
    metrics.count(storage::GatewayNumber{2}, Step::answered);
    metrics.count(storage::GatewayNumber{3}, Step::asked);  // one that was taken away
    struct Case {
        std::string_view gateway;
        std::string_view step;
        double count;
    };
    const Case cases[] = {
        {"first", "asked", 2},
        {"first", "answered", 0},
        {"first", "unknown", 1},
        {"second", "asked", 0},
        {"second", "answered", 1},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(std::string{test_case.gateway} + " " + std::string{test_case.step});
        const Counter counter = registry.counter(
            {"postern_payments_orders_total", ""},
            {{"gateway", test_case.gateway}, {"step", test_case.step}}
        );
        EXPECT_EQ(counter.value(), test_case.count);
    }
}

}  // namespace
}  // namespace postern::daemon
