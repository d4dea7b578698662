#include "verifiers/paystack.hpp"

#include "tests/unit/verifiers/body_hmac_attacks.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

TEST(PaystackProvider, DecidesEveryHeaderShape) {
    expect_body_hmac_verdicts(
        {make_paystack, "secret_keys", "X-Paystack-Signature", HashAlgorithm::sha512}
    );
}

TEST(PaystackProvider, DemandsKeys) {
    expect_secrets_are_demanded(make_paystack, "secret_keys");
}

struct Case {
    const char* name;
    const char* type;
    const char* data;
    const char* line;  // from the id on
};

const Case kCases[] = {
    {"a charge",
     "charge.success",
     R"({"id":1,"domain":"live","reference":"R1","amount":1099,"currency":"NGN",
         "paid_at":"2025-06-16T02:59:55.000Z"})",
     "charge.success:1 charge.success -> payment.succeeded payment=1 reference=R1 amount=10.99"
     " NGN at=2025-06-16T02:59:55.000Z live"},
    {"an id beyond what doubles can count",
     "charge.success",
     R"({"id":18446744073709551617})",
     "charge.success:18446744073709551617 charge.success -> payment.succeeded"
     " payment=18446744073709551617"},
    {"francs have no decimals",
     "charge.success",
     R"({"id":1,"amount":1099,"currency":"XOF","domain":"test"})",
     "charge.success:1 charge.success -> payment.succeeded payment=1 amount=1099 XOF "
     "test"},
    {"an invoice that was not paid has no currency",
     "invoice.payment_failed",
     R"({"invoice_code":"INV_1","amount":500000})",
     "invoice.payment_failed:INV_1 invoice.payment_failed -> payment.failed payment=INV_1"
     " amount=5000.00"},
    {"a refund's amount is a text",
     "refund.processed",
     R"({"refund_reference":"R9","transaction_reference":"T1","amount":"250000","currency":"NGN"})",
     "refund.processed:R9 refund.processed -> refund.succeeded payment=T1 refund=R9 reference=T1"
     " amount=2500.00 NGN"},
    {"a refund without a reference of its own is not named after its transaction",
     "refund.pending",
     R"({"refund_reference":null,"transaction_reference":"T1","amount":"1","currency":"NGN"})",
     "(no id) refund.pending -> refund.created payment=T1 reference=T1 amount=0.01 NGN"},
    {"a refund that failed",
     "refund.failed",
     R"({"refund_reference":"R9"})",
     "refund.failed:R9 refund.failed -> refund.failed refund=R9"},
    {"a dispute",
     "charge.dispute.create",
     R"({"id":6,"refund_amount":100,"currency":"NGN","category":"fraud",
         "transaction":{"id":5,"reference":"R1","amount":9900},
         "created_at":"2025-06-16T02:00:00Z"})",
     "charge.dispute.create:6 charge.dispute.create -> dispute.created payment=5 dispute=6"
     " reference=R1 amount=1.00 NGN reason=fraud at=2025-06-16T02:00:00.000Z"},
    {"a dispute that the merchant gave in to is lost",
     "charge.dispute.resolve",
     R"({"id":6,"resolution":"merchant-accepted"})",
     "charge.dispute.resolve:6 charge.dispute.resolve -> dispute.closed dispute=6 outcome=lost"},
    {"a dispute that was declined is won",
     "charge.dispute.resolve",
     R"({"id":6,"resolution":"declined"})",
     "charge.dispute.resolve:6 charge.dispute.resolve -> dispute.closed dispute=6 outcome=won"},
    {"any other end is told as it is",
     "charge.dispute.resolve",
     R"({"id":6,"resolution":"auto-accepted"})",
     "charge.dispute.resolve:6 charge.dispute.resolve -> dispute.closed dispute=6"
     " outcome=auto-accepted"},
    {"a transfer's note is not a reason to fail",
     "transfer.reversed",
     R"({"id":3,"transfer_code":"TRF_1","reason":"Have fun","failures":null})",
     "transfer.reversed:3 transfer.reversed -> payout.failed payout=TRF_1"},
    {"a transfer that arrived",
     "transfer.success",
     R"({"id":3,"transfer_code":"TRF_1","reference":"P-1","amount":5,"currency":"GHS"})",
     "transfer.success:3 transfer.success -> payout.paid payout=TRF_1 reference=P-1 amount=0.05"
     " GHS"},
    {"what we have no word for is still told apart",
     "customeridentification.success",
     R"({"customer_code":"CUS_1"})",
     "customeridentification.success:CUS_1 customeridentification.success -> nothing"},
    {"and may have no name at all", "balance.low", "null", "(no id) balance.low -> nothing"},
};

TEST(PaystackProvider, TellsEventsInOurWords) {
    const auto provider = make_paystack({{"secret_keys", list_setting({"sk_test_1"})}});
    ASSERT_TRUE(provider.has_value());
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        std::string body = R"({"event":")";
        body += test_case.type;
        body += R"(","data":)";
        body += test_case.data;
        body += '}';
        EXPECT_EQ(events_of(**provider, {{}, body}, full_line_of), test_case.line);
    }
}

TEST(PaystackProvider, RefusesBodiesThatAreNoObjects) {
    const auto provider = make_paystack({{"secret_keys", list_setting({"sk_test_1"})}});
    for (const char* body : {"", "[]", "x", "{\"event\":"}) {
        EXPECT_EQ(events_of(**provider, {{}, body}, full_line_of), "malformed") << body;
    }
}

}  // namespace
}  // namespace postern::verifiers
