#include "payments/dialects/descriptions.hpp"
#include "tests/unit/payments/dialects/described_routes.hpp"
#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

// Events and webhook endpoints are not this module's, and are looked at where they are.
bool is_elsewhere(std::string_view operation) {
    return operation.find(" /v1/events") != std::string_view::npos
           || operation.find(" /v1/webhook_endpoints") != std::string_view::npos;
}

TEST(OnerwayDescription, NamesTheRoutesBothWays) {
    Operations described = described_operations(onerway_description());
    std::erase_if(described, is_elsewhere);
    EXPECT_EQ(described, routed_operations(onerway_routes()));
}

TEST(OnerwayDescription, TellsHowKeysAreRefused) {
    EXPECT_EQ(without_refusals(onerway_description()), Operations{});
}

POSTERN_ONERWAY_SUITE(OnerwayDescriptionTest);

TEST_P(OnerwayDescriptionTest, IsShownToAnybody) {
    const Answer answer = get("/v1/openapi.json");
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.body(), onerway_description());
}

}  // namespace
}  // namespace postern::payments::onerway
