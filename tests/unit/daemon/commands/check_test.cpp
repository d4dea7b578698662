#include "daemon/commands/check.hpp"

#include "tests/unit/daemon/daemon_testing.hpp"

namespace postern::daemon::commands {
namespace {

TEST(Check, ShowsEveryGatewayAndNoSecret) {
    config::Config config{.public_url = "https://pay.example.com"};
    std::vector<ResolvedGateway> gateways;
    gateways.push_back(stripe_gateway("shop", "whsec_hunter2"));
    gateways.front().gateway.enabled = false;
    config.gateways.push_back(gateways.front().gateway);
    const std::string text = summary_of(config, gateways);
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
    const std::string line =
        "shop: Stripe, sandbox, disabled, https://pay.example.com/api/v2/webhooks/shop";
    EXPECT_NE(text.find(line), std::string::npos) << text;
}

}  // namespace
}  // namespace postern::daemon::commands
