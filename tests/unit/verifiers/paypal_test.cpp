#include "verifiers/paypal.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);
constexpr std::string_view kUrl = "https://api.paypal.com/v1/notifications/certs/CERT-1";

struct PaypalSide {
    PrivateKey key = PrivateKey::generate_rsa_2048();
    std::string certificate = Certificate::make_self_signed_pem(
        key,
        {.common_name = "messageverificationcerts.paypal.com",
         .not_before = from_unix_seconds(1'600'000'000),
         .not_after = from_unix_seconds(1'800'000'000)}
    );
};

const PaypalSide& paypal() {
    static const PaypalSide side;
    return side;
}

std::unique_ptr<Provider> make_provider() {
    const SettingList ids = {{std::string{"WH-NEW"}}, {std::string{"WH-OLD"}}};
    auto provider =
        make_paypal({{"webhook_ids", {ids}}, {"trusted_roots", {paypal().certificate}}});
    return provider ? std::move(*provider) : nullptr;
}

void sign(Posted& posted, std::string_view webhook_id) {
    const std::string id = posted.get("PAYPAL-TRANSMISSION-ID");
    const std::string time = posted.get("PAYPAL-TRANSMISSION-TIME");
    const std::string text =
        paypal_signed_text({.id = id, .time = time, .webhook_id = webhook_id, .body = posted.body});
    posted.set(
        "PAYPAL-TRANSMISSION-SIG", to_base64(paypal().key.sign(HashAlgorithm::sha256, {text}))
    );
}

Posted genuine() {
    Posted posted{.headers = {}, .body = R"({"id":"WH-1"})", .received_at = kNow};
    posted.fetched = FetchedDocument{.status = 200, .body = paypal().certificate};
    posted.set("PAYPAL-TRANSMISSION-ID", "id-1");
    posted.set("PAYPAL-TRANSMISSION-TIME", "2023-11-14T22:13:20Z");
    posted.set("PAYPAL-CERT-URL", std::string{kUrl});
    posted.set("PAYPAL-AUTH-ALGO", "SHA256withRSA");
    sign(posted, "WH-NEW");
    return posted;
}

struct Case {
    const char* name;
    void (*change)(Posted&);
    const char* verdict;
};

const Case kCases[] = {
    {"accepts a right signature", [](Posted&) {}, "key 0"},
    {"accepts the older webhook id", [](Posted& p) { sign(p, "WH-OLD"); }, "key 1"},
    {"accepts a redelivery of days ago",
     [](Posted& p) { p.received_at = kNow + std::chrono::hours{72}; },
     "key 0"},
    {"rejects a webhook id of somebody else",
     [](Posted& p) { sign(p, "WH-OTHER"); },
     "bad_signature"},
    {"rejects another body", [](Posted& p) { p.body += ' '; }, "bad_signature"},
    {"rejects another transmission id",
     [](Posted& p) { p.set("PAYPAL-TRANSMISSION-ID", "id-2"); },
     "bad_signature"},
    {"rejects another time",
     [](Posted& p) { p.set("PAYPAL-TRANSMISSION-TIME", "2023-11-14T22:13:21Z"); },
     "bad_signature"},
    {"rejects a signature that is no base64",
     [](Posted& p) { p.set("PAYPAL-TRANSMISSION-SIG", "%%%%"); },
     "bad_signature"},
    {"judges the first of two signatures",
     [](Posted& p) {
         p.headers.insert(p.headers.begin(), {"PAYPAL-TRANSMISSION-SIG", "AAAA"});
     },
     "bad_signature"},
    {"rejects no signature",
     [](Posted& p) { p.remove("PAYPAL-TRANSMISSION-SIG"); },
     "missing_header"},
    {"rejects no transmission id",
     [](Posted& p) { p.remove("PAYPAL-TRANSMISSION-ID"); },
     "missing_header"},
    {"rejects no time", [](Posted& p) { p.remove("PAYPAL-TRANSMISSION-TIME"); }, "missing_header"},
    {"rejects an empty certificate URL",
     [](Posted& p) { p.set("PAYPAL-CERT-URL", ""); },
     "missing_header"},
    {"rejects no algorithm", [](Posted& p) { p.remove("PAYPAL-AUTH-ALGO"); }, "missing_header"},
    {"rejects another algorithm",
     [](Posted& p) { p.set("PAYPAL-AUTH-ALGO", "SHA1withRSA"); },
     "malformed"},
    {"rejects an empty body", [](Posted& p) { p.body.clear(); }, "malformed"},
    {"rejects a certificate from elsewhere",
     [](Posted& p) { p.set("PAYPAL-CERT-URL", "https://evil.example/c"); },
     "unknown_key"},
    {"rejects a certificate not fetched", [](Posted& p) { p.fetched.reset(); }, "unknown_key"},
    {"rejects a certificate that could not be fetched",
     [](Posted& p) { p.fetched->status = 0; },
     "unknown_key"},
    {"rejects an expired certificate",
     [](Posted& p) { p.received_at = from_unix_seconds(1'800'000'001); },
     "unknown_key"},
};

TEST(PaypalProvider, DecidesEveryHeaderShape) {
    const auto provider = make_provider();
    ASSERT_NE(provider, nullptr);
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        Posted posted = genuine();
        test_case.change(posted);
        EXPECT_EQ(verdict_of(*provider, posted), test_case.verdict);
    }
}

TEST(PaypalProvider, FetchesOnlyForRequestsThatCouldBeRight) {
    const auto provider = make_provider();
    const auto url_fetched = [&provider](const Posted& posted) {
        const auto fetch = asked(posted, [&provider](const SignedRequest& request) {
            return provider->fetch_needed(request);
        });
        return fetch ? fetch->url : std::string{};
    };
    EXPECT_EQ(url_fetched(genuine()), kUrl);
    Posted stranger = genuine();
    stranger.set("PAYPAL-CERT-URL", "https://api.paypal.com@evil.example/c");
    EXPECT_EQ(url_fetched(stranger), "");
    Posted unsigned_one = genuine();
    unsigned_one.remove("PAYPAL-TRANSMISSION-SIG");
    EXPECT_EQ(url_fetched(unsigned_one), "");
}

TEST(PaypalProvider, SignsAnUnsignedDecimalChecksum) {
    // The check value of CRC-32: its high bit is set.
    EXPECT_EQ(
        paypal_signed_text({.id = "i", .time = "t", .webhook_id = "w", .body = "123456789"}),
        "i|t|w|3421780262"
    );
    EXPECT_EQ(
        paypal_signed_text({.id = "i", .time = "t", .webhook_id = "w", .body = ""}), "i|t|w|0"
    );
}

TEST(PaypalProvider, RefusesSettingsItCannotUse) {
    EXPECT_FALSE(make_paypal({}).has_value());
    EXPECT_FALSE(make_paypal({{"webhook_id", {std::string{"WH"}}}}).has_value());
}

}  // namespace
}  // namespace postern::verifiers
