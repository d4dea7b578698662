#include "daemon/dispatch_assembly.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using dispatch::GuardRules;

struct LoopbackCase {
    const char* name;
    void (*change)(config::Config& config);
    bool allowed;
};

const LoopbackCase kLoopbackCases[] = {
    {"a laptop", [](config::Config&) {}, true},
    {"a laptop that speaks IPv6", [](config::Config& config) { config.listen.host = "::1"; }, true},
    {"the operator said never",
     [](config::Config& config) { config.delivery.loopback = config::LoopbackDelivery::never; },
     false},
    {"a public address", [](config::Config& config) { config.listen.host = "0.0.0.0"; }, false},
    {"an admin address that others reach",
     [](config::Config& config) { config.admin_listen.host = "10.0.0.1"; },
     false},
    {"a TLS address that others reach",
     [](config::Config& config) {
         config.tls.listen = config::ListenAddress{"::", 443};
     },
     false},
};

TEST(DispatchAssembly, ReachesLoopbackInTestModeWhileNobodyElseReachesUs) {
    for (const LoopbackCase& test_case : kLoopbackCases) {
        SCOPED_TRACE(test_case.name);
        config::Config config;
        test_case.change(config);
        const auto options = dispatcher_options(config);
        ASSERT_TRUE(options.has_value());
        EXPECT_EQ(loopback_is_allowed(config), test_case.allowed);
        const auto expected =
            test_case.allowed ? GuardRules::Loopback::allowed : GuardRules::Loopback::refused;
        EXPECT_EQ(options->test_rules.loopback, expected);
        EXPECT_EQ(options->live_rules.loopback, GuardRules::Loopback::refused);
    }
}

TEST(DispatchAssembly, IsStrictInLiveModeUnlessToldOtherwise) {
    config::Config config;
    auto options = dispatcher_options(config);
    ASSERT_TRUE(options.has_value());
    EXPECT_EQ(options->live_rules.http, GuardRules::Http::refused);
    EXPECT_EQ(options->live_rules.ports, GuardRules::Ports::web);
    EXPECT_EQ(options->test_rules.http, GuardRules::Http::allowed);
    EXPECT_EQ(options->test_rules.ports, GuardRules::Ports::high);
    config.delivery.allow_http = true;
    config.delivery.allow_high_ports = true;
    options = dispatcher_options(config);
    EXPECT_EQ(options->live_rules.http, GuardRules::Http::allowed);
    EXPECT_EQ(options->live_rules.ports, GuardRules::Ports::high);
}

TEST(DispatchAssembly, HandsOverLimitsAndNetworks) {
    config::Config config;
    config.delivery.in_flight_max = 7;
    config.delivery.in_flight_per_origin_max = 3;
    config.delivery.disable_after = std::chrono::hours{5};
    config.delivery.breaker_pause_max = std::chrono::seconds{99};
    config.delivery.resolvers = {"192.0.2.1:53"};
    config.delivery.user_agent = "Acme/2";
    config.delivery.allowed_networks = {*config::parse_address_range("10.1.0.0/16")};
    config.delivery.denied_networks = {*config::parse_address_range("2001:db8::/32")};
    const auto options = dispatcher_options(config);
    ASSERT_TRUE(options.has_value());
    EXPECT_EQ(options->engine.in_flight_max, 7);
    EXPECT_EQ(options->engine.in_flight_per_origin_max, 3);
    EXPECT_EQ(options->engine.breaker.failing_to_disable, std::chrono::hours{5});
    EXPECT_EQ(options->engine.breaker.longest_pause, std::chrono::seconds{99});
    EXPECT_EQ(options->resolver.servers, config.delivery.resolvers);
    EXPECT_EQ(options->user_agent, "Acme/2");
    for (const GuardRules& rules : {options->live_rules, options->test_rules}) {
        EXPECT_TRUE(rules.allowed.contains(*net::parse_ip_address("10.1.2.3")));
        EXPECT_FALSE(rules.allowed.contains(*net::parse_ip_address("10.2.2.3")));
        EXPECT_TRUE(rules.denied.contains(*net::parse_ip_address("2001:db8::1")));
    }
}

TEST(DispatchAssembly, OpensAProxyThatIsNamedByItsAddress) {
    config::Config config;
    EXPECT_FALSE(dispatcher_options(config)->proxy.has_value());
    config.delivery.proxy_url = "http://user:p%40ss@192.0.2.7:3128";
    const auto options = dispatcher_options(config);
    ASSERT_TRUE(options.has_value());
    ASSERT_TRUE(options->proxy.has_value());
    EXPECT_EQ(options->proxy->address.to_text(), "192.0.2.7");
    EXPECT_EQ(options->proxy->port, 3128);
    EXPECT_EQ(options->proxy->authorization, "Basic dXNlcjpwQHNz");
}

TEST(DispatchAssembly, DoesNotStartWithoutItsProxy) {
    config::Config config;
    config.delivery.proxy_url = "http://user:hunter2@:3128";
    const auto options = dispatcher_options(config);
    ASSERT_FALSE(options.has_value());
    EXPECT_EQ(options.error().message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace postern::daemon
