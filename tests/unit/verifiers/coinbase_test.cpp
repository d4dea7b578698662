#include "verifiers/coinbase.hpp"

#include "tests/unit/verifiers/body_hmac_attacks.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

TEST(CoinbaseProvider, DecidesEveryHeaderShape) {
    expect_body_hmac_verdicts(
        {make_coinbase, "webhook_secrets", "X-CC-Webhook-Signature", HashAlgorithm::sha256}
    );
}

TEST(CoinbaseProvider, DemandsSecrets) {
    expect_secrets_are_demanded(make_coinbase, "webhook_secrets");
}

struct Case {
    const char* name;
    const char* type;
    const char* data;
    const char* line;
};

const Case kCases[] = {
    {"a new charge",
     "charge:created",
     R"({"code":"C1","pricing":{"local":{"amount":"1.5","currency":"EUR"}}})",
     "payment.created payment=C1 amount=1.50 EUR"},
    {"a confirmed one",
     "charge:confirmed",
     R"({"code":"C1","metadata":{"order_id":"A-1"},
         "pricing":{"local":{"amount":"15000.00","currency":"JPY"},
                    "bitcoin":{"amount":"0.1","currency":"BTC"}}})",
     "payment.succeeded payment=C1 reference=A-1 amount=15000 JPY"},
    {"one that a human resolved",
     "charge:resolved",
     R"({"code":"C1"})",
     "payment.succeeded payment=C1"},
    {"the last word of the timeline is the reason",
     "charge:failed",
     R"({"code":"C1","timeline":[{"status":"NEW"},{"status":"EXPIRED"}]})",
     "payment.failed payment=C1 reason=EXPIRED"},
    {"its context goes first",
     "charge:failed",
     R"({"code":"C1","timeline":[{"status":"UNRESOLVED","context":"UNDERPAID"}]})",
     "payment.failed payment=C1 reason=UNDERPAID"},
    {"no timeline, no reason",
     "charge:failed",
     R"({"code":"C1","timeline":[]})",
     "payment.failed payment=C1"},
    {"seen on the chain is not yet paid", "charge:pending", R"({"code":"C1"})", "nothing"},
    {"paid too late waits for a human", "charge:delayed", R"({"code":"C1"})", "nothing"},
};

TEST(CoinbaseProvider, TellsEventsInOurWords) {
    const auto provider = make_coinbase({{"webhook_secrets", list_setting({"secret-new"})}});
    ASSERT_TRUE(provider.has_value());
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        std::string body = R"({"id":"delivery","attempt_number":2,"event":{"id":"e1","type":")";
        body += test_case.type;
        body += R"(","data":)";
        body += test_case.data;
        body += "}}";
        const std::string line = std::string{"e1 "} + test_case.type + " -> " + test_case.line;
        EXPECT_EQ(events_of(**provider, {{}, body}, full_line_of), line);
    }
}

TEST(CoinbaseProvider, RefusesBodiesWithoutAnEvent) {
    const auto provider = make_coinbase({{"webhook_secrets", list_setting({"secret-new"})}});
    for (const char* body : {"", "[]", "{}", R"({"event":[]})", R"({"event":{)"}) {
        EXPECT_EQ(events_of(**provider, {{}, body}, full_line_of), "malformed") << body;
    }
}

}  // namespace
}  // namespace postern::verifiers
