#include "verifiers/paypal_certificate.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr TimePoint kNotBefore = from_unix_seconds(1'600'000'000);
constexpr TimePoint kNotAfter = from_unix_seconds(1'800'000'000);
constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);
constexpr std::string_view kUrl = "https://api.paypal.com/v1/notifications/certs/CERT-1";

const PrivateKey& key() {
    static const PrivateKey made = PrivateKey::generate_rsa_2048();
    return made;
}

std::string certificate_for(std::string_view common_name) {
    return Certificate::make_self_signed_pem(
        key(), {.common_name = common_name, .not_before = kNotBefore, .not_after = kNotAfter}
    );
}

struct UrlCase {
    const char* url;
    bool allowed;
};

TEST(PaypalCertificate, AllowsOnlyTheNamedHosts) {
    const std::vector<std::string> hosts = {"api.paypal.com"};
    const UrlCase cases[] = {
        {"https://api.paypal.com/v1/certs/C", true},
        {"HTTPS://API.PayPal.com/v1/certs/C", true},
        {"https://api.paypal.com:443/v1/certs/C", true},
        {"http://api.paypal.com/v1/certs/C", false},
        {"https://api.paypal.com:8443/v1", false},
        {"https://api.paypal.com.evil.example/v1", false},
        {"https://evil.example/api.paypal.com", false},
        {"https://api.paypal.com@evil.example/v1", false},
        {"https://user@api.paypal.com/v1", false},
        {"https://api.paypal.com./v1", false},
        {"https://api.paypal.com\\@evil.example/v1", false},
        {"https://evil.example?https://api.paypal.com/", false},
        {"https://evil.example#api.paypal.com", false},
        {"https:///api.paypal.com/", false},
        {"https://api.paypal.com/v1\r\nHost: evil.example", false},
        {" https://api.paypal.com/v1", false},
        {"file:///etc/passwd", false},
        {"https://", false},
        {"", false},
    };
    for (const UrlCase& test_case : cases) {
        EXPECT_EQ(is_allowed_certificate_url(test_case.url, hosts), test_case.allowed)
            << test_case.url;
    }
}

PaypalCertificates trusting(const std::string& root_pem) {
    PaypalCertificates::Options options;
    options.allowed_hosts = {"api.paypal.com"};
    options.common_name_suffix = ".paypal.com";
    auto roots = Certificate::parse_chain(root_pem);
    if (roots) options.roots = std::move(*roots);
    return PaypalCertificates{std::move(options)};
}

struct TrustCase {
    const char* name;
    const char* common_name;
    TimePoint now;
    int status;
    bool believed;
};

TEST(PaypalCertificate, BelievesOnlyPaypalsValidCertificates) {
    const TrustCase cases[] = {
        {"believes a valid one", "certs.paypal.com", kNow, 200, true},
        {"ignores the case of its name", "Certs.PayPal.COM", kNow, 200, true},
        {"believes it in its last second",
         "certs.paypal.com",
         from_unix_seconds(1'799'999'999),
         200,
         true},
        {"not before its time", "certs.paypal.com", from_unix_seconds(1'599'999'999), 200, false},
        {"not after its time", "certs.paypal.com", from_unix_seconds(1'800'000'001), 200, false},
        {"not of another name", "certs.paypal.com.evil.example", kNow, 200, false},
        {"not of a name that only looks alike", "notpaypal.com", kNow, 200, false},
        {"not an error page", "certs.paypal.com", kNow, 404, false},
        {"not what was never reached", "certs.paypal.com", kNow, 0, false},
    };
    for (const TrustCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const std::string pem = certificate_for(test_case.common_name);
        const FetchedDocument fetched{.status = test_case.status, .body = pem};
        const auto found =
            trusting(pem).key_for({.url = kUrl, .fetched = &fetched, .now = test_case.now});
        EXPECT_EQ(found.has_value(), test_case.believed);
    }
}

TEST(PaypalCertificate, DoesNotBelieveAnUntrustedRoot) {
    const PaypalCertificates certificates = trusting(certificate_for("certs.paypal.com"));
    const PrivateKey other = PrivateKey::generate_rsa_2048();
    const FetchedDocument fetched{
        .status = 200,
        .body = Certificate::make_self_signed_pem(
            other,
            {.common_name = "certs.paypal.com", .not_before = kNotBefore, .not_after = kNotAfter}
        )};
    EXPECT_FALSE(certificates.key_for({.url = kUrl, .fetched = &fetched, .now = kNow}));
    EXPECT_FALSE(certificates.key_for({.url = kUrl, .fetched = nullptr, .now = kNow}));
    const FetchedDocument garbage{.status = 200, .body = "<html>"};
    EXPECT_FALSE(certificates.key_for({.url = kUrl, .fetched = &garbage, .now = kNow}));
}

TEST(PaypalCertificate, NeverFetchesWhatASandboxHolds) {
    const std::string pem = certificate_for("certs.paypal.com");
    PaypalCertificates::Options options;
    options.allowed_hosts = {"api.paypal.com"};
    options.common_name_suffix = ".paypal.com";
    options.roots = std::move(*Certificate::parse_chain(pem));
    options.sandbox.emplace(kUrl, pem);
    const PaypalCertificates certificates{std::move(options)};
    EXPECT_FALSE(certificates.fetch_for(kUrl).has_value());
    EXPECT_TRUE(certificates.key_for({.url = kUrl, .fetched = nullptr, .now = kNow}).has_value());
    const auto other = certificates.fetch_for("https://api.paypal.com/other");
    ASSERT_TRUE(other.has_value());
    EXPECT_EQ(other->keep, Fetch::Keep::until_not_after);
    EXPECT_EQ(other->allowed_hosts, std::vector<std::string>{"api.paypal.com"});
}

struct SettingsCase {
    const char* name;
    SettingTable settings;
    const char* complaint;
};

TEST(PaypalCertificate, RefusesSettingsThatWouldTrustAnybody) {
    const SettingsCase cases[] = {
        {"an empty suffix", {{"cert_cn_suffix", {std::string{}}}}, "begin with a dot"},
        {"a suffix without a dot", {{"cert_cn_suffix", {std::string{"paypal.com"}}}}, "a dot"},
        {"roots that are none", {{"trusted_roots", {std::string{"x"}}}}, "no certificate"},
        {"no hosts", {{"allowed_cert_hosts", {SettingList{}}}}, "allowed_cert_hosts"},
        {"a sandbox that is no table", {{"sandbox_certificates", {true}}}, "must be a table"},
    };
    for (const SettingsCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        SettingsReader reader{test_case.settings, "paypal"};
        read_paypal_certificates(reader);
        const auto complaints = reader.finish();
        ASSERT_EQ(complaints.size(), 1U);
        EXPECT_NE(complaints.front().find(test_case.complaint), std::string::npos);
    }
}

}  // namespace
}  // namespace postern::verifiers
