#include "payments/dialects/rcommerce/errors.hpp"

#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

const Audience kAudience{
    .language = Language::english,
    .request_id = "req_7",
    .asked_at = from_unix_seconds(0)};
const Audience kChineseAudience{
    .language = Language::chinese,
    .request_id = "req_7",
    .asked_at = from_unix_seconds(0)};

struct CodeCase {
    ErrorCode code;
    std::string_view name;
    int status;
};
constexpr CodeCase kCodes[] = {
    {ErrorCode::payment_not_found, "PAYMENT_NOT_FOUND", 404},
    {ErrorCode::invalid_amount, "INVALID_AMOUNT", 400},
    {ErrorCode::invalid_currency, "INVALID_CURRENCY", 400},
    {ErrorCode::invalid_payment_method, "INVALID_PAYMENT_METHOD", 400},
    {ErrorCode::card_declined, "CARD_DECLINED", 402},
    {ErrorCode::insufficient_funds, "INSUFFICIENT_FUNDS", 402},
    {ErrorCode::expired_card, "EXPIRED_CARD", 402},
    {ErrorCode::incorrect_cvc, "INCORRECT_CVC", 402},
    {ErrorCode::processing_error, "PROCESSING_ERROR", 402},
    {ErrorCode::already_captured, "ALREADY_CAPTURED", 409},
    {ErrorCode::already_refunded, "ALREADY_REFUNDED", 409},
    {ErrorCode::refund_amount_invalid, "REFUND_AMOUNT_INVALID", 400},
    {ErrorCode::dispute_not_found, "DISPUTE_NOT_FOUND", 404},
    {ErrorCode::gateway_not_found, "GATEWAY_NOT_FOUND", 404},
    {ErrorCode::idempotency_key_reused, "IDEMPOTENCY_KEY_REUSED", 409},
    {ErrorCode::validation_error, "VALIDATION_ERROR", 400},
    {ErrorCode::unauthorized, "UNAUTHORIZED", 401},
    {ErrorCode::forbidden, "FORBIDDEN", 403},
    {ErrorCode::not_found, "NOT_FOUND", 404},
    {ErrorCode::conflict, "CONFLICT", 409},
    {ErrorCode::rate_limited, "RATE_LIMITED", 429},
    {ErrorCode::internal_error, "INTERNAL_ERROR", 500},
};

TEST(RcommerceErrors, GivesEveryCodeItsStatusAndWords) {
    ASSERT_EQ(std::size(kCodes), kErrorCodeCount);
    for (const CodeCase& test_case : kCodes) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(to_text(test_case.code), test_case.name);
        const Answer english{rc_error(kAudience, {.code = test_case.code})};
        const Answer chinese{rc_error(kChineseAudience, {.code = test_case.code})};
        EXPECT_EQ(english.status(), test_case.status);
        EXPECT_EQ(english.code(), test_case.name);
        EXPECT_EQ(english.text("error.request_id"), "req_7");
        EXPECT_TRUE(english.at("error.details").is_array());
        EXPECT_NE(english.text("error.message"), chinese.text("error.message"));
    }
}

TEST(RcommerceErrors, SaysTheFirstDetailInTheMessage) {
    const Fault fault{.details = {{"amount", "is required"}, {"currency", "is required"}}};
    const Answer answer{rc_error(kAudience, fault)};
    EXPECT_EQ(answer.text("error.message"), "amount: is required (and 1 more, see details)");
    EXPECT_EQ(answer.fields(), (std::vector<std::string>{"amount", "currency"}));
}

TEST(RcommerceErrors, SaysNullWhereNoRequestIdIsKnown) {
    const Answer answer{rc_error({}, {.code = ErrorCode::not_found})};
    EXPECT_TRUE(answer.at("error.request_id").is_null());
    EXPECT_TRUE(answer.reply().fields.empty());
}

struct DeclineCase {
    PaymentError error;
    ErrorCode code;
    std::string_view error_code;
    std::string_view message;
};
const DeclineCase kDeclines[] = {
    {{"card_declined", "generic_decline", "x"},
     ErrorCode::card_declined,
     "card_declined",
     "Your card was declined."},
    {{"card_declined", "insufficient_funds", "x"},
     ErrorCode::insufficient_funds,
     "insufficient_funds",
     "Your card has insufficient funds."},
    {{"expired_card", "expired_card", "x"},
     ErrorCode::expired_card,
     "expired_card",
     "Your card has expired."},
    {{"incorrect_cvc", "incorrect_cvc", "x"},
     ErrorCode::incorrect_cvc,
     "incorrect_cvc",
     "Your card's security code is incorrect."},
    {{"processing_error", "processing_error", "x"},
     ErrorCode::processing_error,
     "processing_error",
     "An error occurred while processing your card. Try again in a little while."},
    {{"payment_intent_authentication_failure", "", "x"},
     ErrorCode::card_declined,
     "card_declined",
     "The customer could not be authenticated, so nothing was charged."},
    {{"account_closed", "", "x"},
     ErrorCode::card_declined,
     "card_declined",
     "Your card was declined."},
};

TEST(RcommerceErrors, TranslatesWhatGatewaysSay) {
    for (const DeclineCase& test_case : kDeclines) {
        SCOPED_TRACE(test_case.error.code);
        Payment payment;
        payment.last_error = test_case.error;
        const FailedPayment failed = failed_payment(payment, Language::english);
        EXPECT_EQ(failed.code, test_case.code);
        EXPECT_EQ(failed.error_code, test_case.error_code);
        EXPECT_EQ(failed.message, test_case.message);
        EXPECT_EQ(failed.retry, FailedPayment::Retry::allowed);
    }
}

TEST(RcommerceErrors, AllowsNoRetryOfACanceledPayment) {
    Payment payment;
    payment.status = PaymentStatus::canceled;
    const FailedPayment failed = failed_payment(payment, Language::chinese);
    EXPECT_EQ(failed.code, ErrorCode::conflict);
    EXPECT_EQ(failed.message, "支付已取消。");
    EXPECT_EQ(failed.retry, FailedPayment::Retry::refused);
}

TEST(RcommerceErrors, NamesThePaymentThatFailed) {
    Payment payment;
    payment.id = PaymentId{77};
    payment.last_error = PaymentError{"card_declined", "generic_decline", "x"};
    const IdCodec ids{SipKey{}};
    const Answer answer{rc_failed_payment(kChineseAudience, ids, payment)};
    EXPECT_EQ(answer.status(), 402);
    EXPECT_EQ(answer.code(), "CARD_DECLINED");
    EXPECT_EQ(answer.text("error.message"), "您的卡被拒绝。");
    EXPECT_EQ(answer.text("error.payment_id"), ids.encode(payment.id));
    EXPECT_EQ(answer.text("error.decline_code"), "generic_decline");
}

TEST(RcommerceErrors, LeavesTheStoresErrorsToTheDaemon) {
    const Reply reply = rc_refusal(kAudience, Failure{StoreError::busy});
    ASSERT_TRUE(reply.has_error());
    EXPECT_EQ(reply.error(), StoreError::busy);
}

}  // namespace
}  // namespace postern::payments::rcommerce
