#include "payments/dialects/onerway/printer.hpp"

#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(PrinterTest);

TEST_P(PrinterTest, ExpandsThroughSeveralObjects) {
    const std::string customer = made("/v1/customers", "name=Jenny");
    const std::string payment = paid("&customer=" + customer);
    const std::string refund = made("/v1/refunds", "payment_intent=" + payment);
    const Answer answer =
        get("/v1/refunds/" + refund
            + "?expand[]=charge.payment_intent.customer&expand[]=balance_transaction"
              "&expand[]=customer&expand[]=payment_method.customer");
    EXPECT_EQ(answer.at("charge.payment_intent.customer.name"), "Jenny") << answer.body();
    EXPECT_EQ(answer.at("balance_transaction.type"), "refund");
    EXPECT_EQ(answer.at("customer.name"), "Jenny");
    EXPECT_EQ(answer.at("payment_method.object"), "payment_method");
}

TEST_P(PrinterTest, ShowsTheNewestOfManyRefunds) {
    const std::string payment = paid();
    std::string newest;
    for (int i = 0; i < 11; ++i) {
        newest = made("/v1/refunds", "amount=1&payment_intent=" + payment);
    }
    const Answer answer = get("/v1/payment_intents/" + payment + "?expand[]=latest_charge.refunds");
    EXPECT_EQ(answer.at("latest_charge.refunds.data.0.id"), newest) << answer.body();
    EXPECT_NE(answer.at("latest_charge.refunds.data.9.id"), "missing");
    EXPECT_EQ(answer.at("latest_charge.refunds.data.10.id"), "missing");
    EXPECT_EQ(answer.at("latest_charge.refunds.has_more"), "true");
}

TEST_P(PrinterTest, LeavesReferencesAsIdsAndAbsenceAsNull) {
    const Answer answer =
        get("/v1/payment_intents/" + paid() + "?expand[]=customer&expand[]=review");
    EXPECT_EQ(answer.at("customer"), "null");
    EXPECT_EQ(answer.at("review"), "null");
    EXPECT_TRUE(answer.at("latest_charge").starts_with("ch_"));
}

TEST_P(PrinterTest, ShowsADeletedCustomerAsTheStubThatItIs) {
    const std::string customer = made("/v1/customers", "");
    const std::string payment = paid("&customer=" + customer);
    remove("/v1/customers/" + customer);
    const Answer answer = get("/v1/payment_intents/" + payment + "?expand[]=customer");
    EXPECT_EQ(answer.at("customer.deleted"), "true") << answer.body();
    EXPECT_EQ(answer.at("customer.id"), customer);
}

TEST_P(PrinterTest, KnowsTheMethodOfAFailedTry) {
    EXPECT_EQ(read(Printer{books()}.failed_method_of(Payment{})), "");
    const FullPayment failed = pay({.card = kDeclinedCard});
    const std::string method = read(Printer{books()}.failed_method_of(failed.payment));
    EXPECT_NE(method.find("\"last4\":\"0002\""), std::string::npos);
}

}  // namespace
}  // namespace postern::payments::onerway
