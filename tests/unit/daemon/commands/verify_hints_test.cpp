#include "daemon/commands/verify_hints.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "tests/unit/daemon/daemon_testing.hpp"

namespace postern::daemon::commands {
namespace {

constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);

ReceivedRequest signed_request(const std::string& body, const std::string& seconds) {
    const HmacKey key{HashAlgorithm::sha256, "whsec_right"};
    return {
        .headers =
            {{"Stripe-Signature",
              "t=" + seconds + ",v1=" + to_hex(key.sign({seconds, ".", body}))}},
        .body = body};
}

struct Case {
    const char* name;
    const char* signed_body;
    const char* kept_body;
    const char* fragment;  // nullptr: no hint
};

constexpr Case kCases[] = {
    {"a line end added", "{\"a\":1}", "{\"a\":1}\n", "without the line end"},
    {"a line end dropped", "{\"a\":1}\n", "{\"a\":1}", "with a line end"},
    {"white space around it", "{\"a\":1}", "  {\"a\":1} \n", "without the white space"},
    {"line ends changed to LF", "{\r\n\"a\":1}", "{\n\"a\":1}", "with CR LF for LF"},
    {"line ends changed to CR LF", "{\n\"a\":1}", "{\r\n\"a\":1}", "with LF for CR LF"},
    {"printed prettily", "{\"a\":\"b: c\"}", "{\n  \"a\": \"b: c\"\n}", "as compact JSON"},
    {"printed compactly",
     "{\"a\": [1, 2], \"b\": \"c,d\"}",
     "{\"a\":[1,2],\"b\":\"c,d\"}",
     "a space after each colon"},
    {"slashes unescaped", "{\"a\":\"b\\/c\"}", "{\"a\":\"b/c\"}", "with \\/ for /"},
    {"a byte order mark", "{\"a\":1}", "\xef\xbb\xbf{\"a\":1}", "byte order mark"},
    {"another text altogether", "{\"a\":1}", "{\"a\":2}", nullptr},
};

TEST(VerifyHints, FindWhatWasDoneToTheBody) {
    const auto gateway = stripe_gateway("stripe", "whsec_right");
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        ReceivedRequest request = signed_request(test_case.signed_body, "1700000000");
        request.body = test_case.kept_body;
        const auto hints = hints_for({.request = request, .now = kNow}, gateway, {});
        ASSERT_EQ(hints.empty(), test_case.fragment == nullptr);
        if (test_case.fragment == nullptr) continue;
        EXPECT_NE(hints.front().find(test_case.fragment), std::string::npos) << hints.front();
    }
}

TEST(VerifyHints, FindTheMomentAtWhichItWasRight) {
    const auto gateway = stripe_gateway("stripe", "whsec_right");
    const ReceivedRequest request = signed_request("{}", "1699990000");
    const auto hints = hints_for({.request = request, .now = kNow}, gateway, {});
    ASSERT_EQ(hints.size(), 1U);
    EXPECT_NE(hints.front().find("10000 s before"), std::string::npos) << hints.front();
}

TEST(VerifyHints, FindADamagedBodyThatIsOldToo) {
    const auto gateway = stripe_gateway("stripe", "whsec_right");
    ReceivedRequest request = signed_request("{}", "1699990000");
    request.body += '\n';
    const auto hints = hints_for({.request = request, .now = kNow}, gateway, {});
    ASSERT_EQ(hints.size(), 1U);
    EXPECT_NE(hints.front().find("without the line end"), std::string::npos);
    EXPECT_NE(hints.front().find("made at 2023-11-14T19:26:40"), std::string::npos);
}

TEST(VerifyHints, FindTheGatewayItWasMeantFor) {
    std::vector<ResolvedGateway> gateways;
    gateways.push_back(stripe_gateway("stripe-us", "whsec_wrong"));
    gateways.push_back(stripe_gateway("stripe-eu", "whsec_right"));
    const ReceivedRequest request = signed_request("{}", "1700000000");
    const auto hints = hints_for({.request = request, .now = kNow}, gateways.front(), gateways);
    ASSERT_EQ(hints.size(), 1U);
    EXPECT_EQ(hints.front(), "it is right for gateway \"stripe-eu\"");
}

}  // namespace
}  // namespace postern::daemon::commands
