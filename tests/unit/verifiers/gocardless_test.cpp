#include "verifiers/gocardless.hpp"

#include "tests/unit/verifiers/body_hmac_attacks.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

TEST(GoCardlessProvider, DecidesEveryHeaderShape) {
    expect_body_hmac_verdicts(
        {make_gocardless, "webhook_secrets", "Webhook-Signature", HashAlgorithm::sha256}
    );
}

TEST(GoCardlessProvider, DemandsSecrets) {
    expect_secrets_are_demanded(make_gocardless, "webhook_secrets");
}

struct Case {
    const char* resource;
    const char* action;
    const char* line;
};

const Case kCases[] = {
    {"payments", "created", "payment.created payment=PM1"},
    {"payments", "submitted", "nothing"},
    {"payments", "confirmed", "payment.succeeded payment=PM1"},
    {"payments", "paid_out", "nothing"},
    {"payments", "failed", "payment.failed payment=PM1 reason=why"},
    {"payments", "customer_approval_denied", "payment.failed payment=PM1 reason=why"},
    {"payments", "cancelled", "payment.canceled payment=PM1 reason=why"},
    {"payments", "customer_approval_granted", "payment.action_completed payment=PM1"},
    {"payments", "charged_back", "dispute.created payment=PM1 dispute=PM1 reason=why"},
    {"payments", "chargeback_settled", "dispute.updated payment=PM1 dispute=PM1 reason=why"},
    {"payments",
     "chargeback_cancelled",
     "dispute.closed payment=PM1 dispute=PM1 reason=why outcome=won"},
    {"refunds", "created", "refund.created refund=RF1"},
    {"refunds", "paid", "refund.succeeded refund=RF1"},
    {"refunds", "failed", "refund.failed refund=RF1 reason=why"},
    {"refunds", "bounced", "refund.failed refund=RF1 reason=why"},
    {"payouts", "paid", "payout.paid payout=PO1"},
    {"payouts", "fx_rate_confirmed", "nothing"},
    {"mandates", "failed", "nothing"},
    {"subscriptions", "paid", "nothing"},
};

std::string item_of(const Case& test_case) {
    const std::string resource = test_case.resource;
    std::string item = R"({"id":"EV1","resource_type":")" + resource + R"(","action":")";
    item += test_case.action;
    item += R"(","links":{)";
    if (resource == "payments") item += R"("payment":"PM1")";
    if (resource == "refunds") item += R"("refund":"RF1")";
    if (resource == "payouts") item += R"("payout":"PO1")";
    return item + R"(},"details":{"cause":"why"},"created_at":"2025-06-16T03:59:56Z"})";
}

TEST(GoCardlessProvider, TellsEventsInOurWords) {
    const auto provider = make_gocardless({{"webhook_secrets", list_setting({"secret-new"})}});
    ASSERT_TRUE(provider.has_value());
    for (const Case& test_case : kCases) {
        std::string line = "EV1 ";
        line += test_case.resource;
        line += '.';
        line += test_case.action;
        line += " -> ";
        line += test_case.line;
        if (!line.ends_with("nothing")) line += " at=2025-06-16T03:59:56.000Z";
        const std::string body = R"({"events":[)" + item_of(test_case) + "]}";
        EXPECT_EQ(events_of(**provider, {{}, body}, full_line_of), line);
    }
}

struct BatchCase {
    const char* name;
    const char* body;
    const char* lines;
};

const BatchCase kBatchCases[] = {
    {"an empty batch is nothing to do", R"({"events":[]})", ""},
    {"a batch keeps its order, what is unknown included",
     R"({"events":[{"id":"EV2","resource_type":"mandates","action":"active"},
         {"id":"EV1","resource_type":"payouts","action":"paid","links":{"payout":"PO1"}}]})",
     "EV2 mandates.active -> nothing\nEV1 payouts.paid -> payout.paid payout=PO1"},
    {"no list", R"({"events":{}})", "malformed"},
    {"no events", "{}", "malformed"},
    {"a list of something else", R"({"events":["EV1"]})", "malformed"},
    {"half a body", R"({"events":[)", "malformed"},
};

TEST(GoCardlessProvider, ReadsBatches) {
    const auto provider = make_gocardless({{"webhook_secrets", list_setting({"secret-new"})}});
    for (const BatchCase& test_case : kBatchCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(events_of(**provider, {{}, test_case.body}, full_line_of), test_case.lines);
    }
}

TEST(GoCardlessProvider, AnswersInItsOwnWords) {
    const auto provider = make_gocardless({{"webhook_secrets", list_setting({"secret-new"})}});
    const auto taken = asked({}, [&provider](const SignedRequest& request) {
        return (*provider)->acknowledgement(request);
    });
    EXPECT_EQ(taken, (ProviderReply{.status = 204}));
    EXPECT_EQ((*provider)->refusal(VerifyFailure::bad_signature), (ProviderReply{.status = 498}));
}

}  // namespace
}  // namespace postern::verifiers
