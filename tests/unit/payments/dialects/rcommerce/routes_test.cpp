#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

#include <set>

namespace postern::payments::rcommerce {
namespace {

std::set<std::string> below(std::string_view prefix) {
    std::set<std::string> rows;
    for (const Route& route : rcommerce_routes()) {
        if (!route.pattern.starts_with(prefix)) continue;
        rows.insert(
            std::string{route.method} + ' ' + std::string{route.pattern.substr(prefix.size())}
        );
    }
    return rows;
}

TEST(RcommerceRoutes, MountsEveryEndpointOfBothDocumentsUnderBothGenerations) {
    constexpr std::string_view kWanted[] = {
        "GET /payments",
        "POST /payments",
        "GET /payments/{id}",
        "POST /payments/methods",
        "POST /payments/{id}/capture",
        "POST /payments/{id}/cancel",
        "POST /payments/{id}/complete",
        "POST /payments/{id}/refund",
        "POST /payments/{id}/refunds",
        "GET /payments/{id}/refunds",
        "GET /payments/{id}/refunds/{refund_id}",
        "GET /customers/{id}/payment_methods",
        "POST /customers/{id}/payment_methods",
        "DELETE /customers/{id}/payment_methods/{token}",
        "POST /customers/{id}/payment_methods/{token}/default",
        "POST /payment_intents",
        "POST /payment_intents/{id}/confirm",
        "POST /payment_intents/{id}/capture",
        "POST /payment_intents/{id}/cancel",
        "GET /disputes",
        "GET /disputes/{id}",
        "POST /disputes/{id}/evidence",
        "GET /payouts",
        "GET /payouts/{id}",
        "GET /balance",
        "GET /balance/transactions",
        "POST /payment-methods",
        "GET /customers/{id}/payment-methods",
        "DELETE /payment-methods/{token}",
    };
    const auto older = below("/api/v1");
    EXPECT_EQ(older, below("/api/v2"));
    for (const std::string_view row : kWanted) EXPECT_TRUE(older.contains(std::string{row})) << row;
}

TEST(RcommerceRoutes, LeavesTheOtherDialectsAddressesAlone) {
    for (const Route& route : rcommerce_routes()) {
        EXPECT_TRUE(route.pattern.starts_with("/api/v")) << route.pattern;
        EXPECT_EQ(route.dialect, Dialect::rcommerce);
    }
    EXPECT_FALSE(below("/api/v2").contains("POST /webhooks/{gateway_id}"));
}

TEST(RcommerceRoutes, LetsRestrictedKeysReadAndNothingElse) {
    for (const Route& route : rcommerce_routes()) {
        if (route.pattern.ends_with("/openapi.json")) continue;  // for all
        const bool reads = route.method == "GET" || route.pattern.ends_with("/payments/methods");
        EXPECT_EQ(route.needs, reads ? Needs::reading : Needs::writing) << route.pattern;
    }
}

}  // namespace
}  // namespace postern::payments::rcommerce
