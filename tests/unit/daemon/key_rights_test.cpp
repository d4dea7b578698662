#include "daemon/key_rights.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

TEST(KeyScopes, AllowEverythingUntilOneIsNamed) {
    KeyScopes scopes;
    for (const KeyScope scope : all_key_scopes()) EXPECT_TRUE(scopes.allow(scope));
    scopes.add(KeyScope::balance_read);
    for (const KeyScope scope : all_key_scopes()) {
        EXPECT_EQ(scopes.allow(scope), scope == KeyScope::balance_read);
    }
}

TEST(KeyScopes, AreStoredAsText) {
    const KeyScopes scopes = read_key_scopes("balance:read,payments:read");
    EXPECT_TRUE(scopes.has(KeyScope::payments_read));
    EXPECT_TRUE(scopes.has(KeyScope::balance_read));
    EXPECT_FALSE(scopes.has(KeyScope::events_read));
    EXPECT_EQ(stored_text(scopes), "payments:read,balance:read");
    EXPECT_EQ(read_key_scopes(stored_text(scopes)), scopes);
    EXPECT_EQ(stored_text({}), "");
    EXPECT_EQ(read_key_scopes(""), KeyScopes{});
}

TEST(KeyScopes, OfANewerProgramAllowNothingHere) {
    const KeyScopes scopes = read_key_scopes("brewing:read");
    EXPECT_TRUE(scopes.narrow());
    for (const KeyScope scope : all_key_scopes()) EXPECT_FALSE(scopes.allow(scope));
}

struct PlaceCase {
    const char* path;
    KeyScope scope;
};

const PlaceCase kPlaces[] = {
    {"/v1/payment_intents/{id}", KeyScope::payments_read},
    {"/api/v1/payments", KeyScope::payments_read},
    {"/api/v2/disputes/{id}", KeyScope::payments_read},
    {"/v1/customers/{id}/payment_methods", KeyScope::customers_read},
    {"/api/v1/customers/{id}/payment-methods", KeyScope::customers_read},
    {"/v1/balance", KeyScope::balance_read},
    {"/v1/balance_transactions", KeyScope::balance_read},
    {"/api/v2/payouts", KeyScope::balance_read},
    {"/v1/transfers/{id}", KeyScope::balance_read},
    {"/v1/events", KeyScope::events_read},
    {"/api/v1/event-type/{name}", KeyScope::events_read},
    {"/v1/webhook_endpoints", KeyScope::webhooks_read},
    {"/api/v2/inbox/{id}", KeyScope::webhooks_read},
    {"/api/v1/app/{app}/msg", KeyScope::webhooks_read},
    {"/api/v2/request-logs/{id}", KeyScope::requests_read},
    {"/elsewhere", KeyScope::payments_read},
};

TEST(KeyScopes, FollowFromTheRoute) {
    for (const PlaceCase& place : kPlaces)
        EXPECT_EQ(scope_of(place.path), place.scope) << place.path;
}

TEST(KeyScopes, HaveNamesThatAreReadBack) {
    for (const KeyScope scope : all_key_scopes()) EXPECT_EQ(parse_key_scope(to_text(scope)), scope);
    EXPECT_EQ(parse_key_scope("payments:write"), std::nullopt);
    EXPECT_EQ(parse_key_scope(""), std::nullopt);
}

TEST(KeyPlans, HaveNamesThatAreReadBack) {
    for (const char* name : {"", "test", "live", "standard", "enterprise"}) {
        const auto plan = parse_key_plan(name);
        ASSERT_TRUE(plan.has_value()) << name;
        EXPECT_EQ(to_text(*plan), name);
    }
    EXPECT_EQ(parse_key_plan("unlimited"), std::nullopt);
}

}  // namespace
}  // namespace postern::daemon
