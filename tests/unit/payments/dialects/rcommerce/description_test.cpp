#include "payments/dialects/descriptions.hpp"
#include "tests/unit/payments/dialects/described_routes.hpp"
#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

TEST(RcommerceDescription, NamesTheRoutesBothWays) {
    Operations routed = routed_operations(rcommerce_routes());
    routed.merge(routed_operations(sandbox_routes()));
    EXPECT_EQ(described_operations(rcommerce_description()), routed);
}

TEST(RcommerceDescription, TellsHowKeysAreRefused) {
    EXPECT_EQ(without_refusals(rcommerce_description()), Operations{});
}

class RcommerceDescriptionTest : public RcommerceTest {};

TEST_F(RcommerceDescriptionTest, IsShownToAnybodyInBothGenerations) {
    for (const char* target : {"/api/v1/openapi.json", "/api/v2/openapi.json"}) {
        const Answer answer = get(target);
        EXPECT_EQ(answer.status(), 200) << target;
        EXPECT_EQ(answer.body(), rcommerce_description()) << target;
    }
}

}  // namespace
}  // namespace postern::payments::rcommerce
