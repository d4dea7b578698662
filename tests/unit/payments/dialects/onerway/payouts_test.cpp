#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(PayoutsTest);

constexpr const char* kAvailableAtOnce =
    "amount=5000&currency=usd&payment_method=pm_card_bypassPending&confirm=true";

TEST_P(PayoutsTest, SpendWhatIsAvailableAndComeBackWhenCanceled) {
    made("/v1/payment_intents", kAvailableAtOnce);
    const Answer payout =
        post("/v1/payouts", "amount=1000&currency=usd&description=weekly&metadata[a]=1");
    EXPECT_EQ(payout.status(), 200) << payout.body();
    EXPECT_TRUE(payout.id().starts_with("po_"));
    EXPECT_EQ(payout.at("status"), "pending");
    EXPECT_EQ(payout.at("automatic"), "false");
    EXPECT_EQ(payout.at("method"), "standard");
    const std::string before = get("/v1/balance").at("available.0.amount");
    const std::string path = "/v1/payouts/" + payout.id();
    EXPECT_EQ(post(path, "metadata[b]=2").at("metadata.b"), "2");
    EXPECT_EQ(post(path + "/cancel").at("status"), "canceled");
    EXPECT_NE(get("/v1/balance").at("available.0.amount"), before);
    EXPECT_EQ(post(path + "/cancel").status(), 400);
    EXPECT_EQ(get("/v1/payouts?status=canceled").ids(), std::vector{payout.id()});
    EXPECT_EQ(get("/v1/payouts?status=paid").ids().size(), 0U);
}

TEST_P(PayoutsTest, AreRefusedInStripesWords) {
    const std::pair<const char*, const char*> cases[] = {
        {"currency=usd", "400 parameter_missing|amount|Missing required param: amount."},
        {"amount=1&currency=usd&method=fast",
         "400 |method|Invalid method: must be one of instant, or standard"},
        {"amount=1&currency=usd&speed=1",
         "400 parameter_unknown|speed|Received unknown parameter: speed"},
    };
    for (const auto& [form, error] : cases) {
        SCOPED_TRACE(form);
        EXPECT_EQ(post("/v1/payouts", form).error(), error);
    }
    EXPECT_EQ(
        post("/v1/payouts", "amount=100&currency=usd").at("error.code"), "balance_insufficient"
    );
    EXPECT_EQ(get("/v1/payouts/po_x").error(), "404 resource_missing|id|No such payout: 'po_x'");
    EXPECT_EQ(rows("payouts"), 0);
}

}  // namespace
}  // namespace postern::payments::onerway
