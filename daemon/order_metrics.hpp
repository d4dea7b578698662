#pragma once

#include "core/metrics.hpp"
#include "payments/gateways/gateway.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace postern::daemon {

// How gateways answer what they are asked. The thread of the order runner only.
class OrderMetrics {
 public:
    OrderMetrics(MetricRegistry& registry, std::span<const payments::PaymentGateway> gateways);

    enum class Step : std::uint8_t { asked, answered, unknown };
    void count(storage::GatewayNumber gateway, Step step);
    void set_under_way(std::size_t orders);

 private:
    std::map<storage::GatewayNumber, std::vector<Counter>> steps_;  // each by Step
    Gauge under_way_;
};

}  // namespace postern::daemon
