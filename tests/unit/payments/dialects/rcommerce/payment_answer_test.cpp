#include "payments/dialects/rcommerce/payment_answer.hpp"

#include "payments/dialects/rcommerce/replies.hpp"
#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceAnswers : public RcommerceTest {
 protected:
    static FullPayment standing_at(PaymentStatus status) {
        FullPayment full;
        full.payment.id = PaymentId{77};
        full.payment.amount = {5949, Currency{}};
        full.payment.gateway = {1};
        full.payment.status = status;
        return full;
    }
    static FullPayment declined() {
        FullPayment full = standing_at(PaymentStatus::requires_payment_method);
        full.payment.last_error = PaymentError{"card_declined", "generic_decline", "x"};
        return full;
    }
    Answer outcome(const FullPayment& full) {
        return Answer{payment_reply({.form = Form::outcome, .status = kCreated}, *around_, full)};
    }
};

struct OutcomeCase {
    PaymentStatus status;
    std::string_view type;
    int reply_status;
    std::string_view payment_status;
};
constexpr OutcomeCase kOutcomes[] = {
    {PaymentStatus::requires_payment_method, "requires_action", 201, ""},
    {PaymentStatus::requires_confirmation, "requires_action", 201, ""},
    {PaymentStatus::requires_action, "requires_action", 201, ""},
    {PaymentStatus::processing, "success", 201, "processing"},
    {PaymentStatus::requires_capture, "success", 201, "processing"},
    {PaymentStatus::succeeded, "success", 201, "succeeded"},
    {PaymentStatus::canceled, "failed", 409, ""},
};

TEST_F(RcommerceAnswers, GivesEveryStateItsOutcome) {
    for (const OutcomeCase& test_case : kOutcomes) {
        SCOPED_TRACE(to_text(test_case.status));
        const Answer answer = outcome(standing_at(test_case.status));
        EXPECT_EQ(answer.text("type"), test_case.type);
        EXPECT_EQ(answer.status(), test_case.reply_status);
        EXPECT_EQ(answer.text("payment_status"), test_case.payment_status);
        EXPECT_TRUE(answer.text("payment_id").starts_with("pay_"));
        EXPECT_EQ(answer.at("error").exists(), test_case.type == "failed");
    }
}

TEST_F(RcommerceAnswers, SaysAFullRefundInAnOutcome) {
    FullPayment full = standing_at(PaymentStatus::succeeded);
    full.payment.received_minor = 5949;
    full.payment.refunded_minor = 5949;
    full.payment.captured_at = clock_.at;
    EXPECT_EQ(outcome(full).text("payment_status"), "refunded");
}

TEST_F(RcommerceAnswers, SaysAFailureToReadersOfStatusAndOfBody) {
    const Answer answer = outcome(declined());
    EXPECT_EQ(answer.status(), 402);
    EXPECT_EQ(answer.text("type"), "failed");
    EXPECT_EQ(answer.text("error_code"), "card_declined");
    EXPECT_EQ(answer.code(), "CARD_DECLINED");
    EXPECT_EQ(answer.at("retry_allowed").boolean(), true);
}

TEST_F(RcommerceAnswers, ShowsAFailedPaymentToWhoOnlyAsks) {
    const FullPayment full = declined();
    const Answer asked{payment_reply(
        {.form = Form::object, .on_failure = PaymentAnswer::OnFailure::show}, *around_, full
    )};
    EXPECT_EQ(asked.status(), 200);
    EXPECT_EQ(asked.text("status"), "failed");
    const Answer done{payment_reply({.form = Form::object}, *around_, full)};
    EXPECT_EQ(done.status(), 402);
    EXPECT_EQ(done.code(), "CARD_DECLINED");
}

TEST_F(RcommerceAnswers, TellsTheShopWhenItIsItsTurn) {
    EXPECT_EQ(
        outcome(standing_at(PaymentStatus::requires_confirmation)).text("action_type"), "confirm"
    );
    EXPECT_EQ(
        outcome(standing_at(PaymentStatus::requires_payment_method)).text("action_type"),
        "payment_method"
    );
}

TEST_F(RcommerceAnswers, MakesTheSameAnswerOnceMoreWhenTheGatewayHasSpoken) {
    const Plan plan = plan_of({"POST", "/api/v1/payments", newer_body(kGoodCard)});
    const auto* writing = std::get_if<WritePlan>(&plan);
    ASSERT_NE(writing, nullptr);
    ASSERT_TRUE(writing->answer_later);
    std::string first;
    storage::WriteConnection& connection = database_->writer();
    const Owner owner{storage::kDefaultAccount, storage::Livemode::test};
    ASSERT_TRUE(connection.begin().has_value());
    storage::Transaction transaction{{connection, database_->ids(), clock_.at}};
    Work work{transaction, *around_, door_, owner, {}};
    const Reply reply = writing->run(work);
    ASSERT_TRUE(connection.commit().has_value());
    ASSERT_TRUE(reply.has_value());
    const Reply later = writing->answer_later(Books{connection, *around_, owner, clock_.at});
    ASSERT_TRUE(later.has_value());
    EXPECT_EQ(later->body, reply->body);
    EXPECT_EQ(later->status, reply->status);
}

}  // namespace
}  // namespace postern::payments::rcommerce
