#include "verifiers/paypal_event.hpp"

#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

struct Case {
    const char* name;
    const char* resource;
    const char* summary;
};

const Case kCases[] = {
    {"PAYMENT.CAPTURE.COMPLETED",
     R"({"id":"c","custom_id":"o","amount":{"currency_code":"HUF","value":"1099"}})",
     "payment.succeeded payment=c reference=o amount=1099.00 HUF"},
    {"PAYMENT.SALE.COMPLETED",
     R"({"id":"s","custom":"o","amount":{"currency":"USD","total":"7.4"}})",
     "payment.succeeded payment=s reference=o amount=7.40 USD"},
    {"PAYMENT.CAPTURE.PENDING",
     R"({"id":"c","status_details":{"reason":"ECHECK"}})",
     "payment.created payment=c reason=ECHECK"},
    {"PAYMENT.CAPTURE.DECLINED", R"({"id":"c"})", "payment.failed payment=c"},
    {"PAYMENT.SALE.DENIED", R"({"id":"s"})", "payment.failed payment=s"},
    {"CHECKOUT.ORDER.DECLINED",
     R"({"id":"o","purchase_units":[{"amount":{"currency_code":"JPY","value":"5"}}]})",
     "payment.failed payment=o amount=5 JPY"},
    {"CHECKOUT.ORDER.APPROVED",
     R"({"id":"o","purchase_units":[{"custom_id":"r"}]})",
     "payment.action_completed payment=o reference=r"},
    {"CHECKOUT.PAYMENT-APPROVAL.REVERSED", R"({"order_id":"o"})", "payment.canceled payment=o"},
    {"PAYMENT.AUTHORIZATION.VOIDED", R"({"id":"a"})", "payment.canceled payment=a"},
    {"PAYMENT.CAPTURE.REFUNDED",
     R"({"id":"r","links":[{"rel":"self","href":"https://x/r"},
         {"rel":"up","href":"https://x/captures/c?y=z/1"}]})",
     "refund.succeeded payment=c refund=r"},
    {"PAYMENT.SALE.REFUNDED",
     R"({"id":"r","sale_id":"s","amount":{"currency":"USD","total":"1"}})",
     "refund.succeeded payment=s refund=r amount=1.00 USD"},
    {"PAYMENT.REFUND.FAILED",
     R"({"id":"r","status_details":{"reason":"INSUFFICIENT_FUNDS"}})",
     "refund.failed refund=r reason=INSUFFICIENT_FUNDS"},
    {"RISK.DISPUTE.CREATED",
     R"({"dispute_id":"d","disputed_transactions":[{"seller_transaction_id":"c"}]})",
     "dispute.created payment=c dispute=d"},
    {"CUSTOMER.DISPUTE.RESOLVED",
     R"({"dispute_id":"d","dispute_outcome":{"outcome_code":"CANCELED_BY_BUYER"}})",
     "dispute.closed dispute=d outcome=won"},
    {"CUSTOMER.DISPUTE.RESOLVED",
     R"({"dispute_id":"d","dispute_outcome":{"outcome_code":"ACCEPTED"}})",
     "dispute.closed dispute=d outcome=lost"},
    {"CUSTOMER.DISPUTE.RESOLVED",
     R"({"dispute_id":"d","dispute_outcome":{"outcome_code":"RESOLVED_WITH_PAYOUT"}})",
     "dispute.closed dispute=d outcome=RESOLVED_WITH_PAYOUT"},
    {"PAYMENT.PAYOUTS-ITEM.SUCCEEDED",
     R"({"payout_item_id":"p","payout_item":{"sender_item_id":"i",
         "amount":{"currency":"USD","value":"9.87"}}})",
     "payout.paid payout=p reference=i amount=9.87 USD"},
    {"PAYMENT.PAYOUTS-ITEM.RETURNED",
     R"({"payout_item_id":"p","errors":{"name":"E"}})",
     "payout.failed payout=p reason=E"},
    {"PAYMENT.PAYOUTS-ITEM.REFUNDED", R"({"payout_item_id":"p"})", "payout.failed payout=p"},
    {"PAYMENT.PAYOUTS-ITEM.UNCLAIMED", R"({"payout_item_id":"p"})", "nothing"},
    {"PAYMENT.PAYOUTSBATCH.SUCCESS", "{}", "nothing"},
    {"PAYMENT.AUTHORIZATION.CREATED", R"({"id":"a"})", "nothing"},
    {"PAYMENT.CAPTURE.REVERSED", R"({"id":"c"})", "nothing"},
    {"CHECKOUT.ORDER.COMPLETED", R"({"id":"o"})", "nothing"},
};

TEST(PaypalEvent, IsPutIntoOurWords) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        std::string body = R"({"event_type":")";
        body += test_case.name;
        body += R"(","resource":)";
        body += test_case.resource;
        body += '}';
        const auto document = JsonDocument::parse(body);
        ASSERT_TRUE(document.has_value());
        const ProviderEvent event{
            .id = "1", .type = test_case.name, .unified = unify_paypal_event(document->root())};
        EXPECT_EQ(summary_of(event), test_case.summary);
    }
}

}  // namespace
}  // namespace postern::verifiers
