#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(RefundsTest);

TEST_P(RefundsTest, GiveBackInPartsUntilNothingIsLeft) {
    const std::string payment = paid();
    const std::string form = "payment_intent=" + payment;
    const Answer part = post("/v1/refunds", form + "&amount=600&reason=duplicate&metadata[a]=1");
    EXPECT_EQ(part.status(), 200) << part.body();
    EXPECT_TRUE(part.id().starts_with("re_"));
    EXPECT_EQ(part.at("status"), "succeeded");
    EXPECT_EQ(part.at("reason"), "duplicate");
    EXPECT_EQ(part.at("payment_intent"), payment);
    EXPECT_TRUE(part.at("payment_method").starts_with("pm_"));
    const Answer over = post("/v1/refunds", form + "&amount=401");
    EXPECT_EQ(over.status(), 400);
    EXPECT_EQ(over.at("error.param"), "amount");
    EXPECT_EQ(post("/v1/refunds", form).at("amount"), "400");
    EXPECT_EQ(post("/v1/refunds", form).at("error.code"), "charge_already_refunded");
    EXPECT_EQ(get("/v1/refunds?payment_intent=" + payment).ids().size(), 2U);
}

TEST_P(RefundsTest, AreAskedForByChargeToo) {
    const std::string charge = get("/v1/payment_intents/" + paid()).at("latest_charge");
    const Answer answer = post("/v1/refunds", "charge=" + charge + "&expand[]=charge");
    EXPECT_EQ(answer.at("charge.refunded"), "true") << answer.body();
    EXPECT_EQ(get("/v1/refunds?charge=" + charge).ids().size(), 1U);
}

TEST_P(RefundsTest, AreRefusedInStripesWords) {
    const std::string payment = paid();
    const std::string form = "payment_intent=" + payment;
    const std::pair<std::string, const char*> cases[] = {
        {"",
         "400 parameter_missing|payment_intent|One of the following params should be provided for "
         "this request: payment_intent or charge."},
        {"payment_intent=pi_x",
         "400 resource_missing|payment_intent|No such payment_intent: 'pi_x'"},
        {form + "&amount=0",
         "400 parameter_invalid_integer|amount|This value must be greater than or equal to 1."},
        {form + "&amount=ten", "400 parameter_invalid_integer|amount|Invalid integer: ten"},
        {form + "&reason=regret",
         "400 |reason|Invalid reason: must be one of duplicate, fraudulent, or "
         "requested_by_customer"},
        {form + "&note=x", "400 parameter_unknown|note|Received unknown parameter: note"},
    };
    for (const auto& [text, error] : cases) {
        SCOPED_TRACE(text);
        EXPECT_EQ(post("/v1/refunds", text).error(), error);
    }
    const std::string unpaid = made("/v1/payment_intents", "amount=1000&currency=usd");
    EXPECT_EQ(post("/v1/refunds", "payment_intent=" + unpaid).status(), 400);
    EXPECT_EQ(rows("refunds"), 0);
}

TEST_P(RefundsTest, ChangeTheirMetadataAlone) {
    const std::string id = made("/v1/refunds", "payment_intent=" + paid());
    const Answer answer = post("/v1/refunds/" + id, "metadata[a]=1");
    EXPECT_EQ(answer.at("metadata.a"), "1") << answer.body();
    EXPECT_EQ(post("/v1/refunds/" + id, "amount=5").status(), 400);
    EXPECT_EQ(get("/v1/refunds/" + id).at("metadata.a"), "1");
    EXPECT_EQ(post("/v1/refunds/" + id + "/cancel").status(), 400);
    EXPECT_EQ(get("/v1/refunds/re_x").error(), "404 resource_missing|id|No such refund: 're_x'");
}

}  // namespace
}  // namespace postern::payments::onerway
