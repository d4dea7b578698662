#include "payments/api.hpp"

#include <gtest/gtest.h>

#include <set>

namespace postern::payments {
namespace {

TEST(SandboxRoutes, ArePagesForAnybodyAndADeskForSecretKeys) {
    std::set<std::string> seen;
    for (const Route& route : sandbox_routes()) {
        std::string name{route.method};
        name += ' ';
        name += route.pattern;
        EXPECT_TRUE(seen.insert(name).second) << name;
        ASSERT_NE(route.plan, nullptr) << name;
        const bool page = route.pattern.starts_with("/sandbox/");
        EXPECT_EQ(route.dialect, page ? Dialect::sandbox_page : Dialect::rcommerce) << name;
        EXPECT_EQ(route.needs, page ? Needs::open : Needs::writing) << name;
    }
    EXPECT_TRUE(seen.contains("GET /sandbox/actions/{id}"));
    EXPECT_TRUE(seen.contains("POST /sandbox/actions/{id}"));
    EXPECT_TRUE(seen.contains("POST /api/v2/sandbox/disputes"));
    EXPECT_TRUE(seen.contains("POST /api/v2/sandbox/disputes/{id}/resolve"));
    EXPECT_TRUE(seen.contains("POST /api/v2/sandbox/settle"));
    EXPECT_TRUE(seen.contains("POST /api/v2/sandbox/payouts/{id}/fail"));
}

}  // namespace
}  // namespace postern::payments
