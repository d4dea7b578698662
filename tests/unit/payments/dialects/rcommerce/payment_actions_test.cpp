#include "payments/records/gateway_records.hpp"
#include "payments/service/payment_service.hpp"
#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceActions : public RcommerceTest {
 protected:
    // The id of a payment whose money is held and not yet taken.
    std::string held() {
        const Answer made =
            post("/api/v1/payments", older_body(kGoodCard, R"("capture_method":"manual")"));
        EXPECT_EQ(made.text("status"), "processing") << made.body();
        EXPECT_EQ(made.at("captured").boolean(), false);
        return made.text("id");
    }
    std::string challenged() {
        return post("/api/v1/payments", newer_body("4000002500003155")).text("payment_id");
    }
    std::string path(const std::string& id, std::string_view below) {
        return "/api/v1/payments/" + id + std::string{below};
    }
};

TEST_F(RcommerceActions, CapturesAllThatIsHeld) {
    const std::string id = held();
    const Answer captured = post(path(id, "/capture"));
    EXPECT_EQ(captured.status(), 200) << captured.body();
    EXPECT_EQ(captured.text("status"), "succeeded");
    EXPECT_EQ(captured.at("captured").boolean(), true);
    EXPECT_EQ(captured.text("captured_amount"), "59.49");
    EXPECT_FALSE(captured.at("captured_at").is_null());
}

TEST_F(RcommerceActions, CapturesAPart) {
    const std::string id = held();
    const Answer captured = post(path(id, "/capture"), R"({"amount":"10.00"})");
    EXPECT_EQ(captured.status(), 200) << captured.body();
    EXPECT_EQ(captured.text("captured_amount"), "10.00");
    EXPECT_EQ(captured.text("amount"), "59.49");
}

TEST_F(RcommerceActions, CapturesNoMoreThanIsHeld) {
    const std::string id = held();
    for (const char* amount : {"59.50", "0.00", "-1.00", "ten", "10.001"}) {
        const Answer refused =
            post(path(id, "/capture"), R"({"amount":")" + std::string{amount} + R"("})");
        EXPECT_EQ(refused.status(), 400) << amount;
        EXPECT_EQ(refused.code(), "INVALID_AMOUNT") << amount;
    }
    EXPECT_EQ(post(path(id, "/capture"), R"({"amount":5949})").code(), "INVALID_AMOUNT");
    EXPECT_EQ(get(path(id, "")).text("status"), "processing");
}

TEST_F(RcommerceActions, CapturesOnceAndNeverCancelsAfter) {
    const std::string id = held();
    post(path(id, "/capture"));
    for (const char* below : {"/capture", "/cancel"}) {
        const Answer refused = post(path(id, below));
        EXPECT_EQ(refused.status(), 409) << below;
        EXPECT_EQ(refused.code(), "ALREADY_CAPTURED") << below;
    }
}

TEST_F(RcommerceActions, CancelsWhatIsHeld) {
    const std::string id = held();
    const Answer canceled =
        post(path(id, "/cancel"), R"({"cancellation_reason":"requested_by_customer"})");
    EXPECT_EQ(canceled.status(), 200) << canceled.body();
    EXPECT_EQ(canceled.text("status"), "canceled");
    EXPECT_EQ(canceled.text("cancellation_reason"), "requested_by_customer");
    for (const char* below : {"/capture", "/cancel"}) {
        const Answer refused = post(path(id, below));
        EXPECT_EQ(refused.status(), 409) << below;
        EXPECT_EQ(refused.code(), "CONFLICT") << below;
    }
}

TEST_F(RcommerceActions, CapturesNothingThatIsNotHeld) {
    const Answer refused = post(path(challenged(), "/capture"));
    EXPECT_EQ(refused.status(), 409);
    EXPECT_EQ(refused.code(), "CONFLICT");
}

TEST_F(RcommerceActions, AnswersACompletionOfAFinishedPaymentAsBefore) {
    const std::string paid = post("/api/v1/payments", newer_body(kGoodCard)).text("payment_id");
    const std::string body = R"({"action_type":"three_d_secure","action_data":{}})";
    for (int i = 0; i < 2; ++i) {
        const Answer answer = post(path(paid, "/complete"), body);
        EXPECT_EQ(answer.status(), 200) << answer.body();
        EXPECT_EQ(answer.text("type"), "success");
        EXPECT_EQ(answer.text("payment_id"), paid);
    }
    const std::string declined =
        post("/api/v1/payments", newer_body("4000000000000002")).text("payment_id");
    const Answer failed = post(path(declined, "/complete"), body);
    EXPECT_EQ(failed.status(), 402);
    EXPECT_EQ(failed.text("type"), "failed");
    EXPECT_EQ(failed.text("error_code"), "card_declined");
}

TEST_F(RcommerceActions, CompletesNothingThatTheCustomerHasNotDone) {
    const std::string id = challenged();
    const Answer answer = post(path(id, "/complete"), R"({"action_type":"three_d_secure"})");
    EXPECT_EQ(answer.status(), 200) << answer.body();
    EXPECT_EQ(answer.text("type"), "requires_action");
    EXPECT_FALSE(answer.text("action_data.redirect_url").empty());
    EXPECT_EQ(get(path(id, "")).text("status"), "pending");
}

TEST_F(RcommerceActions, CompletesOnlyWithTheProofOfThisPayment) {
    const std::string id = challenged();
    const Answer payment = get(path(id, ""));
    const std::string good = R"({"action_type":"three_d_secure","action_data":{"payment_intent":")"
                             + payment.text("transaction_id")
                             + R"(","payment_intent_client_secret":")"
                             + payment.text("client_secret") + R"("}})";
    EXPECT_EQ(post(path(id, "/complete"), good).status(), 200);
    const Answer other =
        post(path(id, "/complete"), R"({"action_data":{"payment_intent":"pi_x"}})");
    EXPECT_EQ(other.code(), "VALIDATION_ERROR");
    EXPECT_EQ(other.fields(), std::vector<std::string>{"action_data.payment_intent"});
    const Answer secret = post(
        path(id, "/complete"), R"({"action_data":{"payment_intent_client_secret":"pi_x_secret_y"}})"
    );
    EXPECT_EQ(
        secret.fields(), std::vector<std::string>{"action_data.payment_intent_client_secret"}
    );
    EXPECT_EQ(
        post(path(id, "/complete"), R"({"action_type":"dance"})").fields(),
        std::vector<std::string>{"action_type"}
    );
}

TEST_F(RcommerceActions, SaysACanceledPaymentFailedForGood) {
    const std::string id = held();
    post(path(id, "/cancel"));
    const Answer answer = post(path(id, "/complete"));
    EXPECT_EQ(answer.status(), 409);
    EXPECT_EQ(answer.text("type"), "failed");
    EXPECT_EQ(answer.text("error_code"), "payment_canceled");
    EXPECT_EQ(answer.at("retry_allowed").boolean(), false);
}

TEST_F(RcommerceActions, KnowsNoOtherPayments) {
    for (const char* below : {"/capture", "/cancel", "/complete", "/refund", "/refunds"}) {
        const Answer answer = post(path("nothing", below));
        EXPECT_EQ(answer.status(), 404) << below;
        EXPECT_EQ(answer.code(), "PAYMENT_NOT_FOUND") << below;
        const Answer strange = post(path(bare_uuid(around_->ids, PaymentId{42}), below));
        EXPECT_EQ(strange.code(), "PAYMENT_NOT_FOUND") << below;
    }
}

}  // namespace
}  // namespace postern::payments::rcommerce
