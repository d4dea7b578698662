#include "payments/api.hpp"

#include <gtest/gtest.h>

#include <set>

namespace postern::payments {
namespace {

bool has(std::string_view method, std::string_view pattern) {
    for (const Route& route : onerway_routes()) {
        if (route.method == method && route.pattern == pattern) return true;
    }
    return false;
}

TEST(OnerwayRoutes, StandOnceEachAndLeadSomewhere) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (const Route& route : onerway_routes()) {
        SCOPED_TRACE(route.pattern);
        EXPECT_TRUE(seen.insert({route.method, route.pattern}).second);
        EXPECT_NE(route.plan, nullptr);
    }
}

TEST(OnerwayRoutes, TakePutForEveryUpdate) {
    for (const Route& route : onerway_routes()) {
        SCOPED_TRACE(route.pattern);
        const bool updates = route.method == "POST" && route.pattern.ends_with("}");
        EXPECT_EQ(updates, route.method == "POST" && has("PUT", route.pattern));
    }
}

TEST(OnerwayRoutes, WriteWithASecretKeyOnlyButForWhatBrowsersDo) {
    const std::set<std::string_view> browsers = {
        "/v1/payment_intents/{id}", "/v1/payment_intents/{id}/confirm", "/v1/payment_methods"};
    for (const Route& route : onerway_routes()) {
        SCOPED_TRACE(route.pattern);
        if (route.needs == Needs::publishable) {
            EXPECT_TRUE(browsers.contains(route.pattern));
        } else if (route.method == "GET") {
            const bool is_for_all =
                route.pattern.starts_with("/receipts/") || route.pattern == "/v1/openapi.json";
            EXPECT_EQ(route.needs == Needs::open, is_for_all);
        } else {
            EXPECT_EQ(route.needs, Needs::writing);
        }
    }
}

TEST(OnerwayRoutes, AreAllThatTheContractNames) {
    const std::pair<const char*, const char*> wanted[] = {
        {"POST", "/v1/payment_intents"},
        {"GET", "/v1/payment_intents"},
        {"GET", "/v1/payment_intents/search"},
        {"GET", "/v1/payment_intents/{id}"},
        {"POST", "/v1/payment_intents/{id}"},
        {"POST", "/v1/payment_intents/{id}/confirm"},
        {"POST", "/v1/payment_intents/{id}/cancel"},
        {"POST", "/v1/payment_intents/{id}/capture"},
        {"POST", "/v1/payment_methods"},
        {"GET", "/v1/payment_methods"},
        {"GET", "/v1/payment_methods/{id}"},
        {"POST", "/v1/payment_methods/{id}"},
        {"POST", "/v1/payment_methods/{id}/attach"},
        {"POST", "/v1/payment_methods/{id}/detach"},
        {"POST", "/v1/customers"},
        {"GET", "/v1/customers"},
        {"GET", "/v1/customers/{id}"},
        {"POST", "/v1/customers/{id}"},
        {"DELETE", "/v1/customers/{id}"},
        {"GET", "/v1/customers/{id}/payment_methods"},
        {"GET", "/v1/customers/{id}/payment_methods/{method}"},
        {"POST", "/v1/refunds"},
        {"GET", "/v1/refunds"},
        {"GET", "/v1/refunds/{id}"},
        {"POST", "/v1/refunds/{id}"},
        {"POST", "/v1/transfers"},
        {"GET", "/v1/transfers"},
        {"GET", "/v1/transfers/{id}"},
        {"POST", "/v1/transfers/{id}"},
        {"GET", "/v1/balance"},
        {"GET", "/v1/balance_transactions"},
        {"GET", "/v1/balance_transactions/{id}"},
        {"GET", "/v1/disputes"},
        {"GET", "/v1/disputes/{id}"},
        {"POST", "/v1/disputes/{id}"},
        {"POST", "/v1/disputes/{id}/close"},
        {"GET", "/v1/payouts"},
        {"POST", "/v1/payouts"},
        {"GET", "/v1/payouts/{id}"},
        {"POST", "/v1/payouts/{id}"},
        {"POST", "/v1/payouts/{id}/cancel"},
        {"GET", "/v1/charges"},
        {"GET", "/v1/charges/{id}"},
    };
    for (const auto& [method, pattern] : wanted) {
        SCOPED_TRACE(pattern);
        EXPECT_TRUE(has(method, pattern)) << method;
    }
}

}  // namespace
}  // namespace postern::payments
