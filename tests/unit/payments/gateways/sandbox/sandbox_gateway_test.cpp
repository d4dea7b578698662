#include "payments/gateways/sandbox/sandbox_gateway.hpp"

#include "tests/unit/payments/gateways/sandbox/orders.hpp"

#include <gtest/gtest.h>

#include <future>

namespace postern::payments {
namespace {

TEST(SandboxGateway, IsThereForEachOfTheFiveKindsAndNoOther) {
    for (const std::string_view kind : {"stripe", "airwallex", "wechatpay", "alipay", "onerway"}) {
        const auto gateway = make_sandbox_gateway(kind, test_options());
        ASSERT_NE(gateway, nullptr) << kind;
        EXPECT_FALSE(gateway->display_name().empty());
        EXPECT_FALSE(gateway->methods().empty());
    }
    EXPECT_EQ(make_sandbox_gateway("adyen", test_options()), nullptr);
    EXPECT_EQ(make_sandbox_gateway("", test_options()), nullptr);
}

TEST(SandboxGateway, AnswersAtOnceUnlessItHasALatency) {
    const GatewayOrder order = order_of(OrderKind::authorize, card_of(CardScenario::succeeds));
    SandboxOptions options = test_options();
    EXPECT_TRUE(make_sandbox_gateway("stripe", options)->answer_at_once(order).has_value());
    options.latency = std::chrono::milliseconds{1};
    EXPECT_FALSE(make_sandbox_gateway("stripe", options)->answer_at_once(order).has_value());
}

TEST(SandboxGateway, AnswersACallAfterItsLatency) {
    const GatewayOrder order = order_of(OrderKind::authorize, card_of(CardScenario::succeeds));
    for (const int latency : {-1, 0, 5}) {
        SandboxOptions options = test_options();
        if (latency >= 0) options.latency = std::chrono::milliseconds{latency};
        const auto gateway = make_sandbox_gateway("stripe", options);
        std::promise<std::string> facts;
        const auto begun = std::chrono::steady_clock::now();
        gateway->call(order, [&facts](std::optional<GatewayAnswer> answer) {
            facts.set_value(answer ? facts_of(*answer) : "nothing");
        });
        EXPECT_EQ(facts.get_future().get(), "captured");
        EXPECT_GE(
            std::chrono::steady_clock::now() - begun,
            std::chrono::milliseconds{std::max(latency, 0)}
        );
    }
}

TEST(SandboxGateway, GoesAwayWithoutWaitingForItsLatency) {
    const GatewayOrder order = order_of(OrderKind::authorize, card_of(CardScenario::succeeds));
    SandboxOptions options = test_options();
    options.latency = std::chrono::hours{1};
    bool called = false;
    {
        const auto gateway = make_sandbox_gateway("stripe", options);
        gateway->call(order, [&called](const std::optional<GatewayAnswer>&) { called = true; });
    }
    EXPECT_FALSE(called);
}

}  // namespace
}  // namespace postern::payments
