#include "payments/dialects/onerway/outcome.hpp"

#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(OutcomeTest);

Payment declined(std::string decline_code) {
    Payment payment;
    payment.status = PaymentStatus::requires_payment_method;
    payment.last_error = PaymentError{
        .code = "card_declined",
        .decline_code = std::move(decline_code),
        .message = "Your card was declined."};
    return payment;
}

TEST_P(OutcomeTest, IsAnErrorOnlyForWhoTried) {
    const Payment payment = declined("generic_decline");
    EXPECT_EQ(read(payment_reply(books(), payment, {})).status, 200);
    const Answer tried{read(payment_reply(books(), payment, {.tried = PaymentAnswer::Tried::yes}))};
    EXPECT_EQ(tried.error(), "402 card_declined|payment_method|Your card was declined.");
    EXPECT_EQ(tried.at("error.decline_code"), "generic_decline");
}

TEST_P(OutcomeTest, NamesALackOfFundsInTheCallersWords) {
    const Payment payment = declined("insufficient_funds");
    const auto code_for = [&](DeclineCodes codes) {
        const PaymentAnswer answer{
            .asked = {.audience = {.codes = codes}}, .tried = PaymentAnswer::Tried::yes};
        return Answer{read(payment_reply(books(), payment, answer))}.at("error.code");
    };
    EXPECT_EQ(code_for(DeclineCodes::stripe), "card_declined");
    EXPECT_EQ(code_for(DeclineCodes::onerway), "insufficient_funds");
}

TEST_P(OutcomeTest, WaitsForAGatewayThatAnswersLater) {
    // A plan that leaves an order says how the payment stands once the order is answered.
    const PaymentDraft asked = draft({.card = kDeclinedCard, .gateway = "slow"});
    const FullPayment left =
        done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::yes); }));
    ASSERT_EQ(orders_.size(), 1U);
    const PaymentAnswer shown{.tried = PaymentAnswer::Tried::yes};
    EXPECT_EQ(read(payment_reply(books(), stored(left.payment.id).payment, shown)).status, 200);
    answer(orders_.front(), "slow");
    EXPECT_EQ(read(payment_reply(books(), stored(left.payment.id).payment, shown)).status, 402);
}

}  // namespace
}  // namespace postern::payments::onerway
