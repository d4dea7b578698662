#include "daemon/order_metrics.hpp"

namespace postern::daemon {
namespace {

constexpr std::string_view kSteps[] = {"asked", "answered", "unknown"};

}  // namespace

OrderMetrics::OrderMetrics(
    MetricRegistry& registry,
    std::span<const payments::PaymentGateway> gateways
)
    : under_way_{registry.gauge(
        {"postern_payments_orders_under_way", "What gateways were asked and did not answer yet"}
    )} {
    for (const payments::PaymentGateway& gateway : gateways) {
        std::vector<Counter>& counters = steps_[gateway.number];
        for (const std::string_view step : kSteps) {
            counters.push_back(registry.counter(
                {"postern_payments_orders_total",
                 "What gateways were asked, and how they answered"},
                {{"gateway", gateway.name}, {"step", step}}
            ));
        }
    }
}

void OrderMetrics::count(storage::GatewayNumber gateway, Step step) {
    const auto found = steps_.find(gateway);
    if (found != steps_.end()) found->second[static_cast<std::size_t>(step)].add();
}

void OrderMetrics::set_under_way(std::size_t orders) {
    under_way_.set(static_cast<double>(orders));
}

}  // namespace postern::daemon
