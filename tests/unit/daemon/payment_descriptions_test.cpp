#include "daemon/api.hpp"
#include "payments/dialects/descriptions.hpp"
#include "tests/unit/payments/dialects/described_routes.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using payments::Operations;

bool is_ours(std::string_view operation) {
    return operation.find(" /v1/events") != std::string_view::npos
           || operation.find(" /v1/webhook_endpoints") != std::string_view::npos;
}

// Events and webhook endpoints are the daemon's own, in Stripe's shape: a build without payments
// has them too, and the dialect's document describes them among the rest.
TEST(PaymentDescriptions, NameTheRoutesOfStripesFaceBothWays) {
    Operations routed;
    for (const Route& route : api_routes()) {
        if (!route.pattern.starts_with("/v1/")) continue;
        EXPECT_NE(route.access, Access::open) << route.pattern;
        std::string name{route.method};
        name += ' ';
        name += route.pattern;
        routed.insert(std::move(name));
    }
    Operations described = payments::described_operations(payments::onerway_description());
    std::erase_if(described, [](const std::string& name) { return !is_ours(name); });
    EXPECT_EQ(described, routed);
}

}  // namespace
}  // namespace postern::daemon
