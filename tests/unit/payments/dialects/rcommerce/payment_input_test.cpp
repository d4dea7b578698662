#include "payments/dialects/rcommerce/payment_input.hpp"

#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommercePaymentInput : public RcommerceTest {
 protected:
    Call call(std::string json) {
        json_ = std::move(json);
        request_.body = json_;
        return {
            .around = *around_, .request = request_, .path = {}, .caller = {}, .now = clock_.at};
    }
    std::shared_ptr<const PaymentInput> payment(std::string json) {
        const Call sent = call(std::move(json));
        Body body{sent};
        auto input = read_payment_input(sent, body);
        const auto refusal = body.finish();
        EXPECT_FALSE(refusal.has_value()) << refusal->body;
        return input;
    }
    std::shared_ptr<const PaymentInput> intent(std::string json) {
        const Call sent = call(std::move(json));
        Body body{sent};
        auto input = read_intent_input(sent, body);
        const auto refusal = body.finish();
        EXPECT_FALSE(refusal.has_value()) << refusal->body;
        return input;
    }

    std::string json_;
    HttpRequest request_;
};

TEST_F(RcommercePaymentInput, ReadsEveryFieldOfTheNewerPage) {
    const auto input = payment(newer_body(
        kGoodCard,
        R"("order_id":"550e8400-e29b-41d4-a716-446655440100",)"
        R"("customer_email":"customer@example.com",)"
        R"("customer_id":"550e8400-e29b-41d4-a716-446655440001","description":"订单 #1001",)"
        R"("metadata":{"order_number":"1001"},)"
        R"("return_url":"https://yoursite.com/checkout/complete",)"
        R"("idempotency_key":"unique-key-123","save_payment_method":false)"
    ));
    EXPECT_EQ(input->form, Form::outcome);
    EXPECT_EQ(input->then, ThenConfirm::yes);
    EXPECT_EQ(input->customer, kCustomer);
    EXPECT_EQ(input->idempotency_key, "unique-key-123");
    const PaymentDraft& draft = input->draft;
    EXPECT_EQ(draft.amount.minor, 5949);
    EXPECT_EQ(draft.gateway, "stripe");
    EXPECT_EQ(draft.order_id, "550e8400-e29b-41d4-a716-446655440100");
    EXPECT_EQ(draft.external_customer_email, "customer@example.com");
    EXPECT_EQ(draft.details.receipt_email, "customer@example.com");
    EXPECT_EQ(draft.details.description, "订单 #1001");
    EXPECT_EQ(draft.details.return_url, "https://yoursite.com/checkout/complete");
    EXPECT_EQ(draft.details.metadata, (Metadata{{"order_number", "1001"}}));
    EXPECT_EQ(draft.save_method, PaymentDraft::SaveMethod::no);
    EXPECT_TRUE(draft.new_method.has_value());
}

TEST_F(RcommercePaymentInput, ReadsHowTheMoneyIsTaken) {
    EXPECT_EQ(payment(older_body(kGoodCard))->draft.capture_method, CaptureMethod::unset);
    EXPECT_EQ(
        payment(older_body(kGoodCard, R"("capture_method":"automatic")"))->draft.capture_method,
        CaptureMethod::automatic
    );
    EXPECT_EQ(
        payment(older_body(kGoodCard, R"("capture_method":"manual")"))->draft.capture_method,
        CaptureMethod::manual
    );
    EXPECT_EQ(payment(older_body(kGoodCard))->form, Form::object);
}

TEST_F(RcommercePaymentInput, ReadsAnIntentThatWaitsToBeConfirmed) {
    const auto input = intent(R"({"amount":"59.49","currency":"USD",)"
                              R"("customer_id":"550e8400-e29b-41d4-a716-446655440001",)"
                              R"("payment_method":"pm_card_visa","confirmation_method":"manual",)"
                              R"("capture_method":"automatic","setup_future_usage":"off_session",)"
                              R"("metadata":{"order_id":"550e8400-e29b-41d4-a716-446655440100"}})");
    EXPECT_EQ(input->form, Form::intent);
    EXPECT_EQ(input->then, ThenConfirm::no);
    EXPECT_EQ(input->draft.confirmation_method, ConfirmationMethod::manual);
    EXPECT_EQ(input->draft.details.setup_future_usage, "off_session");
    EXPECT_TRUE(input->draft.gateway.empty());
    EXPECT_TRUE(input->draft.new_method.has_value());
}

TEST_F(RcommercePaymentInput, MakesATokenReusableThatIsNobodys) {
    const auto saved = payment(newer_body(kGoodCard, R"("save_payment_method":true)"));
    EXPECT_EQ(saved->draft.new_method->method.state, PaymentMethod::State::reusable);
    const auto once = payment(newer_body(kGoodCard));
    EXPECT_EQ(once->draft.new_method->method.state, PaymentMethod::State::usable);
}

TEST_F(RcommercePaymentInput, ReadsWhatAConfirmationBrings) {
    const Call sent = call(R"({"payment_method":"pm_card_visa","return_url":"https://a.test/x"})");
    Body body{sent};
    const auto input = read_confirmation(sent, body);
    EXPECT_FALSE(body.finish().has_value());
    EXPECT_TRUE(input->confirmation.edit.new_method.has_value());
    EXPECT_EQ(input->confirmation.edit.return_url, "https://a.test/x");
}

}  // namespace
}  // namespace postern::payments::rcommerce
