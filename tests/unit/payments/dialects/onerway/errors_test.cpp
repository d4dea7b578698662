#include "payments/dialects/onerway/errors.hpp"

#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(ErrorsTest);

struct Case {
    Reason reason;
    int status;
    const char* type;
    const char* code;
};

constexpr Case kCases[] = {
    {Reason::parameter_missing, 400, "invalid_request_error", "parameter_missing"},
    {Reason::parameter_invalid, 400, "invalid_request_error", "missing"},
    {Reason::amount_invalid, 400, "invalid_request_error", "parameter_invalid_integer"},
    {Reason::amount_too_small, 400, "invalid_request_error", "amount_too_small"},
    {Reason::amount_too_large, 400, "invalid_request_error", "amount_too_large"},
    {Reason::currency_invalid, 400, "invalid_request_error", "missing"},
    {Reason::card_number_invalid, 402, "card_error", "invalid_number"},
    {Reason::card_month_invalid, 402, "card_error", "invalid_expiry_month"},
    {Reason::card_year_invalid, 402, "card_error", "invalid_expiry_year"},
    {Reason::card_cvc_invalid, 402, "card_error", "invalid_cvc"},
    {Reason::card_expired, 402, "card_error", "expired_card"},
    {Reason::email_invalid, 400, "invalid_request_error", "email_invalid"},
    {Reason::url_invalid, 400, "invalid_request_error", "url_invalid"},
    {Reason::not_found, 404, "invalid_request_error", "resource_missing"},
    {Reason::reference_missing, 400, "invalid_request_error", "resource_missing"},
    {Reason::gateway_not_found, 400, "invalid_request_error", "missing"},
    {Reason::method_not_usable, 400, "invalid_request_error", "missing"},
    {Reason::method_type_unsupported,
     400,
     "invalid_request_error",
     "payment_intent_incompatible_payment_method"},
    {Reason::currency_unsupported,
     400,
     "invalid_request_error",
     "payment_method_currency_mismatch"},
    {Reason::unexpected_status, 400, "invalid_request_error", "payment_intent_unexpected_state"},
    {Reason::already_captured, 400, "invalid_request_error", "payment_intent_unexpected_state"},
    {Reason::already_canceled, 400, "invalid_request_error", "payment_intent_unexpected_state"},
    {Reason::capture_over_hold, 400, "invalid_request_error", "amount_too_large"},
    {Reason::nothing_captured, 400, "invalid_request_error", "missing"},
    {Reason::already_refunded, 400, "invalid_request_error", "charge_already_refunded"},
    {Reason::refund_too_large, 400, "invalid_request_error", "missing"},
    {Reason::refund_not_positive, 400, "invalid_request_error", "parameter_invalid_integer"},
    {Reason::charge_disputed, 400, "invalid_request_error", "charge_disputed"},
    {Reason::dispute_closed, 400, "invalid_request_error", "missing"},
    {Reason::payout_not_pending, 400, "invalid_request_error", "missing"},
    {Reason::transfer_already_reversed, 400, "invalid_request_error", "missing"},
    {Reason::balance_insufficient, 400, "invalid_request_error", "balance_insufficient"},
    {Reason::customers_max, 400, "invalid_request_error", "max_customers"},
    {Reason::methods_max, 400, "invalid_request_error", "customer_max_payment_methods"},
    {Reason::authentication_missing,
     400,
     "invalid_request_error",
     "payment_intent_authentication_failure"},
};
static_assert(std::size(kCases) == static_cast<std::size_t>(Reason::authentication_missing) + 1);

TEST_P(ErrorsTest, HaveOneStatusTypeAndCodeForEachReason) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(static_cast<int>(test_case.reason));
        const Refusal refusal{.reason = test_case.reason, .parameter = "p", .what = "customer"};
        const Answer answer{read(refusal_reply(around_, refusal, {}))};
        EXPECT_EQ(answer.status(), test_case.status);
        EXPECT_EQ(answer.at("error.type"), test_case.type);
        EXPECT_EQ(answer.at("error.code"), test_case.code);
        EXPECT_EQ(answer.at("error.param"), "p");
        EXPECT_FALSE(answer.at("error.message").empty());
        const bool has_code = answer.at("error.code") != "missing";
        EXPECT_EQ(answer.at("error.doc_url") != "missing", has_code);
    }
}

TEST_P(ErrorsTest, SayWhatARefusalSaysItself) {
    const Refusal refusal{.reason = Reason::parameter_invalid, .detail = "Not on Sundays."};
    EXPECT_EQ(Answer{read(refusal_reply(around_, refusal, {}))}.error(), "400 ||Not on Sundays.");
}

TEST_P(ErrorsTest, NameTheIdAsItWasSent) {
    const Refusal refusal{.reason = Reason::not_found, .what = "payment_method", .id = "pm_x"};
    EXPECT_EQ(
        Answer{read(refusal_reply(around_, refusal, {.id = "pm_as-sent"}))}.error(),
        "404 resource_missing|payment_method|No such PaymentMethod: 'pm_as-sent'"
    );
    EXPECT_EQ(
        Answer{missing_reply({"charge", "ch_1"})}.error(),
        "404 resource_missing|id|No such charge: 'ch_1'"
    );
}

TEST_P(ErrorsTest, LetTheStoresErrorsPass) {
    const Reply reply = refusal_reply(around_, StoreError::busy, {});
    ASSERT_TRUE(reply.has_error());
    EXPECT_EQ(reply.error(), StoreError::busy);
}

TEST_P(ErrorsTest, CarryThePaymentAsTheCallerMaySeeIt) {
    Payment payment;
    payment.details.metadata = {{"a", "1"}};
    const Refusal refusal{.reason = Reason::unexpected_status, .payment = payment};
    const Answer secret{read(refusal_reply(around_, refusal, {}))};
    EXPECT_EQ(secret.at("error.payment_intent.metadata.a"), "1");
    const Answer browser{
        read(refusal_reply(around_, refusal, {.audience = {.key = KeyKind::publishable}}))};
    EXPECT_EQ(browser.at("error.payment_intent.object"), "payment_intent");
    EXPECT_EQ(browser.at("error.payment_intent.metadata"), "missing");
}

}  // namespace
}  // namespace postern::payments::onerway
