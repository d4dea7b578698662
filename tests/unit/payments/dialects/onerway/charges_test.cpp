#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(ChargesTest);

TEST_P(ChargesTest, TellHowAPaymentWasMade) {
    const std::string payment = paid("&description=a book");
    const Answer list = get("/v1/charges?payment_intent=" + payment);
    ASSERT_EQ(list.ids().size(), 1U) << list.body();
    const Answer charge = get("/v1/charges/" + list.ids().front());
    EXPECT_EQ(charge.at("paid"), "true");
    EXPECT_EQ(charge.at("captured"), "true");
    EXPECT_EQ(charge.at("description"), "a book");
    EXPECT_EQ(charge.at("outcome.type"), "authorized");
    EXPECT_EQ(charge.at("payment_method_details.card.last4"), "4242");
    EXPECT_EQ(charge.at("receipt_url"), "http://127.0.0.1:8080/receipts/" + payment);
}

TEST_P(ChargesTest, StayWhereATryFailed) {
    post(
        "/v1/payment_intents",
        "amount=1000&currency=usd&payment_method=pm_card_chargeDeclined&confirm=true"
    );
    const Answer list = get("/v1/charges");
    ASSERT_EQ(list.ids().size(), 1U);
    EXPECT_EQ(list.at("data.0.status"), "failed");
    EXPECT_EQ(list.at("data.0.failure_code"), "card_declined");
    EXPECT_EQ(list.at("data.0.outcome.type"), "issuer_declined");
    EXPECT_EQ(list.at("data.0.outcome.reason"), "generic_decline");
    EXPECT_EQ(list.at("data.0.receipt_url"), "null");
}

TEST_P(ChargesTest, ChangeTheirWords) {
    const std::string id = get("/v1/payment_intents/" + paid()).at("latest_charge");
    const Answer answer = post("/v1/charges/" + id, "description=new&metadata[a]=1");
    EXPECT_EQ(answer.at("description"), "new") << answer.body();
    EXPECT_EQ(answer.at("metadata.a"), "1");
    EXPECT_EQ(post("/v1/charges/" + id, "amount=5").status(), 400);
}

TEST_P(ChargesTest, AreFoundByCustomerAndExpandTheirRefunds) {
    const std::string customer = made("/v1/customers", "");
    const std::string payment = paid("&customer=" + customer);
    made("/v1/refunds", "payment_intent=" + payment + "&amount=100");
    const Answer list = get("/v1/charges?customer=" + customer + "&expand[]=data.refunds");
    ASSERT_EQ(list.ids().size(), 1U) << list.body();
    EXPECT_EQ(list.at("data.0.refunds.data.0.amount"), "100");
    EXPECT_EQ(list.at("data.0.amount_refunded"), "100");
    EXPECT_EQ(get("/v1/charges/ch_x").error(), "404 resource_missing|id|No such charge: 'ch_x'");
}

}  // namespace
}  // namespace postern::payments::onerway
