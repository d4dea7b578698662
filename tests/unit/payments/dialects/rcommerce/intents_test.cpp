#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceIntents : public RcommerceTest {
 protected:
    Answer make(std::string_view more = {}) {
        std::string body = R"({"amount":"59.49","currency":"USD")";
        if (!more.empty()) body += ',';
        body += more;
        return post(kPath, body + '}');
    }
    static std::string at(const Answer& intent, std::string_view below) {
        return std::string{kPath} + '/' + intent.text("id") + std::string{below};
    }
    static constexpr const char* kPath = "/api/v1/payment_intents";
};

TEST_F(RcommerceIntents, MakesOneAndConfirmsItLater) {
    const Answer made = make(
        R"("customer_id":"550e8400-e29b-41d4-a716-446655440001","payment_method":"pm_card_visa",)"
        R"("confirmation_method":"manual","capture_method":"automatic",)"
        R"("setup_future_usage":"off_session","metadata":{"order_id":"1"})"
    );
    EXPECT_EQ(made.status(), 201) << made.body();
    EXPECT_TRUE(made.text("id").starts_with("pi_"));
    EXPECT_TRUE(made.text("client_secret").starts_with(made.text("id") + "_secret_"));
    EXPECT_EQ(made.text("amount"), "59.49");
    EXPECT_EQ(made.text("currency"), "USD");
    EXPECT_EQ(made.text("status"), "requires_confirmation");
    EXPECT_EQ(made.text("payment_status"), "pending");
    EXPECT_EQ(made.text("confirmation_method"), "manual");
    EXPECT_EQ(made.text("setup_future_usage"), "off_session");
    EXPECT_EQ(made.text("customer_id"), kCustomer);
    EXPECT_EQ(made.text("metadata.order_id"), "1");
    const Answer confirmed = post(at(made, "/confirm"));
    EXPECT_EQ(confirmed.status(), 200) << confirmed.body();
    EXPECT_EQ(confirmed.text("status"), "succeeded");
    EXPECT_EQ(confirmed.text("amount_received"), "59.49");
}

TEST_F(RcommerceIntents, ShowsTheSamePaymentOnThePaymentsPage) {
    const Answer made = make(R"("payment_method":"pm_card_visa")");
    post(at(made, "/confirm"));
    const Answer payment = get("/api/v1/payments/" + made.text("id"));
    EXPECT_EQ(payment.text("status"), "succeeded");
    EXPECT_EQ(payment.text("payment_id"), made.text("payment_id"));
    EXPECT_EQ(get(at(made, "")).text("status"), "succeeded");
}

TEST_F(RcommerceIntents, TakesTheMethodWithTheConfirmation) {
    const Answer made = make();
    EXPECT_EQ(made.text("status"), "requires_payment_method");
    const Answer refused = post(at(made, "/confirm"));
    EXPECT_EQ(refused.status(), 409) << refused.body();
    EXPECT_EQ(refused.code(), "CONFLICT");
    const Answer confirmed =
        post(at(made, "/confirm"), R"({"payment_method":)" + card_json(kGoodCard) + '}');
    EXPECT_EQ(confirmed.text("status"), "succeeded") << confirmed.body();
}

TEST_F(RcommerceIntents, SaysADeclineAsAnError) {
    const Answer made = make();
    const Answer declined =
        post(at(made, "/confirm"), R"({"payment_method":)" + card_json("4000000000009995") + '}');
    EXPECT_EQ(declined.status(), 402);
    EXPECT_EQ(declined.code(), "INSUFFICIENT_FUNDS");
    EXPECT_EQ(get(at(made, "")).text("status"), "requires_payment_method");
}

TEST_F(RcommerceIntents, CapturesAndCancels) {
    const Answer held = make(R"("payment_method":"pm_card_visa","capture_method":"manual")");
    EXPECT_EQ(post(at(held, "/confirm")).text("status"), "requires_capture");
    const Answer captured = post(at(held, "/capture"), R"({"amount":"10.00"})");
    EXPECT_EQ(captured.text("status"), "succeeded") << captured.body();
    EXPECT_EQ(captured.text("amount_received"), "10.00");
    EXPECT_EQ(post(at(held, "/capture")).code(), "ALREADY_CAPTURED");
    EXPECT_EQ(post(at(held, "/cancel")).code(), "ALREADY_CAPTURED");
    const Answer open = make();
    const Answer canceled = post(at(open, "/cancel"));
    EXPECT_EQ(canceled.text("status"), "canceled");
    EXPECT_EQ(post(at(open, "/confirm")).code(), "CONFLICT");
}

TEST_F(RcommerceIntents, NamesWhatIsWrong) {
    EXPECT_EQ(post(kPath).fields(), (std::vector<std::string>{"amount", "currency"}));
    EXPECT_EQ(make(R"("payment_method":"pm_nothing")").code(), "INVALID_PAYMENT_METHOD");
    EXPECT_EQ(
        make(R"("setup_future_usage":"maybe")").fields(),
        std::vector<std::string>{"setup_future_usage"}
    );
    for (const char* below : {"/confirm", "/capture", "/cancel"}) {
        EXPECT_EQ(post(std::string{kPath} + "/pi_x" + below).code(), "PAYMENT_NOT_FOUND");
    }
    EXPECT_EQ(get(std::string{kPath} + "/pi_x").code(), "PAYMENT_NOT_FOUND");
}

}  // namespace
}  // namespace postern::payments::rcommerce
