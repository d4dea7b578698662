#include "daemon/gateway_metrics.hpp"

#include "verifiers/provider.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

TEST(GatewayMetrics, AreThereBeforeTheFirstWebhookAndApartForEachGateway) {
    MetricRegistry registry;
    GatewayMetrics shop{registry, "shop"};
    const GatewayMetrics other{registry, "other"};
    shop.received.add();
    shop.refused[static_cast<std::size_t>(verifiers::VerifyFailure::bad_signature)].add();
    const std::string text = registry.render();
    for (const std::string_view line : {
             "postern_webhooks_received_total{gateway=\"shop\"} 1\n",
             "postern_webhooks_received_total{gateway=\"other\"} 0\n",
             "postern_webhooks_refused_total{gateway=\"shop\",reason=\"bad_signature\"} 1\n",
             "postern_webhooks_refused_total{gateway=\"other\",reason=\"unknown_key\"} 0\n",
         }) {
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
}

}  // namespace
}  // namespace postern::daemon
