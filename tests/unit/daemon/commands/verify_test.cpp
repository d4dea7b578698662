#include "daemon/commands/verify.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "tests/unit/daemon/daemon_testing.hpp"

namespace postern::daemon::commands {
namespace {

constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);
constexpr const char* kBody =
    R"({"id":"evt_1","type":"payout.paid","data":{"object":{"id":"po_1"}}})";

ReceivedRequest signed_with(const std::string& secret) {
    const HmacKey key{HashAlgorithm::sha256, secret};
    return {
        .path = "/api/v2/webhooks/stripe",
        .headers =
            {{"Stripe-Signature",
              "t=1700000000,v1=" + to_hex(key.sign({"1700000000", ".", kBody}))}},
        .body = kBody};
}

struct Case {
    const char* name;
    ReceivedRequest request;
    Verdict verdict;
    const char* fragment;
};

const Case kCases[] = {
    {"names the secret by its place",
     signed_with("whsec_hunter2"),
     Verdict::verifies,
     "it verifies, with webhook_secrets number 1"},
    {"says what the event is",
     signed_with("whsec_hunter2"),
     Verdict::verifies,
     "evt_1 payout.paid, for us payout.paid"},
    {"says what was signed",
     signed_with("whsec_hunter2"),
     Verdict::verifies,
     "signed text: <t>.<raw body>"},
    {"says that no secret matches",
     signed_with("whsec_other"),
     Verdict::does_not_verify,
     "bad_signature: no configured secret"},
    {"says that a header is missing",
     {.body = kBody},
     Verdict::does_not_verify,
     "missing_header: a header"},
    {"says that there is no challenge",
     {.method = "GET", .path = "/"},
     Verdict::does_not_verify,
     "has no GET challenge"},
};

TEST(Verify, ExplainsItsVerdictWithoutASecret) {
    const auto gateway = stripe_gateway("stripe", "whsec_hunter2");
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const auto explanation = explain({.request = test_case.request, .now = kNow}, gateway, {});
        EXPECT_EQ(explanation.verdict, test_case.verdict);
        EXPECT_NE(explanation.text.find(test_case.fragment), std::string::npos) << explanation.text;
        EXPECT_EQ(explanation.text.find("hunter2"), std::string::npos);
    }
}

TEST(Verify, SpellsOutWhatATerminalWouldObey) {
    const auto gateway = stripe_gateway("stripe", "whsec_hunter2");
    ReceivedRequest request = signed_with("whsec_hunter2");
    request.path = "/\x1b[2J";
    const auto explanation = explain({.request = request, .now = kNow}, gateway, {});
    EXPECT_EQ(explanation.text.find('\x1b'), std::string::npos);
}

TEST(Verify, ExplainsToPrograms) {
    const Explanation explanation{
        .verdict = Verdict::verifies, .text = "gateway   shop (Stripe)\njudged at 2026\n"};
    EXPECT_EQ(
        explanation_json(explanation),
        R"json({"verifies":true,"lines":[{"about":"gateway","text":"shop (Stripe)"},)json"
        R"json({"about":"judged at","text":"2026"}]})json"
        "\n"
    );
}

}  // namespace
}  // namespace postern::daemon::commands
