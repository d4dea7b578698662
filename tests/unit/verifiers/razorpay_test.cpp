#include "verifiers/razorpay.hpp"

#include "tests/unit/verifiers/body_hmac_attacks.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

TEST(RazorpayProvider, DecidesEveryHeaderShape) {
    expect_body_hmac_verdicts(
        {make_razorpay, "webhook_secrets", "X-Razorpay-Signature", HashAlgorithm::sha256}
    );
}

TEST(RazorpayProvider, DemandsSecrets) {
    expect_secrets_are_demanded(make_razorpay, "webhook_secrets");
}

struct Case {
    const char* name;
    const char* type;
    const char* payload;
    const char* line;
};

constexpr const char* kPayment =
    R"("payment":{"entity":{"id":"pay_1","amount":50000,"currency":"INR","base_amount":1}})";

const Case kCases[] = {
    {"a captured payment is the one to fulfil on",
     "payment.captured",
     R"("payment":{"entity":{"id":"pay_1","amount":50000,"currency":"INR","base_amount":1,
        "notes":{"order_id":"A-7"}}})",
     "payment.succeeded payment=pay_1 reference=A-7 amount=500.00 INR"},
    {"an authorisation is not", "payment.authorized", kPayment, "nothing"},
    {"order.paid tells the same payment again", "order.paid", kPayment, "nothing"},
    {"notes may be an empty list",
     "payment.captured",
     R"("payment":{"entity":{"id":"pay_1","amount":5,"currency":"INR","notes":[]}})",
     "payment.succeeded payment=pay_1 amount=0.05 INR"},
    {"yen have no decimals",
     "payment.captured",
     R"("payment":{"entity":{"id":"pay_1","amount":500,"currency":"JPY"}})",
     "payment.succeeded payment=pay_1 amount=500 JPY"},
    {"dinars have three",
     "payment.captured",
     R"("payment":{"entity":{"id":"pay_1","amount":5120,"currency":"KWD"}})",
     "payment.succeeded payment=pay_1 amount=5.120 KWD"},
    {"a failure's reason goes before its code",
     "payment.failed",
     R"("payment":{"entity":{"id":"pay_1","error_reason":"expired","error_code":"BAD"}})",
     "payment.failed payment=pay_1 reason=expired"},
    {"a failure's code stands in for a reason",
     "payment.failed",
     R"("payment":{"entity":{"id":"pay_1","error_reason":null,"error_code":"BAD"}})",
     "payment.failed payment=pay_1 reason=BAD"},
    {"a refund's amount is its own and not its payment's",
     "refund.processed",
     R"("refund":{"entity":{"id":"rfnd_1","payment_id":"pay_1","amount":2500,"currency":"INR"}},
        "payment":{"entity":{"id":"pay_1","amount":50000,"currency":"INR"}})",
     "refund.succeeded payment=pay_1 refund=rfnd_1 amount=25.00 INR"},
    {"a new refund",
     "refund.created",
     R"("refund":{"entity":{"id":"rfnd_1"}})",
     "refund.created refund=rfnd_1"},
    {"a failed refund",
     "refund.failed",
     R"("refund":{"entity":{"id":"rfnd_1"}})",
     "refund.failed refund=rfnd_1"},
    {"a dispute that needs an answer",
     "payment.dispute.action_required",
     R"("dispute":{"entity":{"id":"disp_1","payment_id":"pay_1","reason_code":"fraud"}})",
     "dispute.updated payment=pay_1 dispute=disp_1 reason=fraud"},
    {"a dispute won",
     "payment.dispute.won",
     R"("dispute":{"entity":{"id":"disp_1"}})",
     "dispute.closed dispute=disp_1 outcome=won"},
    {"a dispute closed",
     "payment.dispute.closed",
     R"("dispute":{"entity":{"id":"disp_1"}})",
     "dispute.closed dispute=disp_1 outcome=closed"},
    {"a payout under way",
     "payout.initiated",
     R"("payout":{"entity":{"id":"pout_1","status_details":{"reason":"x"}}})",
     "payout.created payout=pout_1"},
    {"a payout that came back",
     "payout.reversed",
     R"("payout":{"entity":{"id":"pout_1","reference_id":"P-1","status_details":{"reason":"x"}}})",
     "payout.failed payout=pout_1 reference=P-1 reason=x"},
    {"a payout that the bank refused",
     "payout.rejected",
     R"("payout":{"entity":{"id":"pout_1","failure_reason":"no such account"}})",
     "payout.failed payout=pout_1 reason=no such account"},
};

std::string body_of(const Case& test_case) {
    std::string body = R"({"event":")";
    body += test_case.type;
    body += R"(","payload":{)";
    body += test_case.payload;
    return body + "}}";
}

TEST(RazorpayProvider, TellsEventsInOurWords) {
    const auto provider = make_razorpay({{"webhook_secrets", list_setting({"secret-new"})}});
    ASSERT_TRUE(provider.has_value());
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const Posted posted{{{"X-Razorpay-Event-Id", "ev1"}}, body_of(test_case)};
        const std::string line = std::string{"ev1 "} + test_case.type + " -> " + test_case.line;
        EXPECT_EQ(events_of(**provider, posted, full_line_of), line);
    }
}

struct IdCase {
    const char* name;
    const char* body;
    const char* id;
};

const IdCase kIdCases[] = {
    {"type, entity and time",
     R"({"event":"a.b","payload":{"a":{"entity":{"id":"a_1"}}},"created_at":7})",
     "a.b:a_1:7"},
    {"a dispute goes before its payment",
     R"({"event":"payment.dispute.new","payload":{"payment":{"entity":{"id":"pay_1"}},
         "dispute":{"entity":{"id":"disp_1"}}},"created_at":7})",
     "payment.dispute.new:disp_1:7"},
    {"the first contained entity, where the type names none",
     R"({"event":"payment.downtime.started","contains":["payment.downtime"],
         "payload":{"payment.downtime":{"entity":{"id":"down_1"}}},"created_at":7})",
     "payment.downtime.started:down_1:7"},
    {"none without an entity", R"({"event":"a.b","created_at":7})", "(no id)"},
    {"none without a time",
     R"({"event":"a.b","payload":{"a":{"entity":{"id":"a_1"}}}})",
     "(no id)"},
};

TEST(RazorpayProvider, MakesAnIdWhereTheHeaderIsMissing) {
    const auto provider = make_razorpay({{"webhook_secrets", list_setting({"secret-new"})}});
    ASSERT_TRUE(provider.has_value());
    for (const IdCase& test_case : kIdCases) {
        SCOPED_TRACE(test_case.name);
        const std::string line = events_of(**provider, {{}, test_case.body}, full_line_of);
        EXPECT_TRUE(line.starts_with(std::string{test_case.id} + " ")) << line;
    }
}

TEST(RazorpayProvider, RefusesBodiesThatAreNoObjects) {
    const auto provider = make_razorpay({{"webhook_secrets", list_setting({"secret-new"})}});
    for (const char* body : {"", "[]", "1", "{", "{}x", "null"}) {
        EXPECT_EQ(events_of(**provider, {{}, body}, full_line_of), "malformed") << body;
    }
    EXPECT_EQ(events_of(**provider, {{}, "{}"}, full_line_of), "(no id) (no type) -> nothing");
}

}  // namespace
}  // namespace postern::verifiers
