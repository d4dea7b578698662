#include "daemon/sandbox_poster.hpp"

#include "tests/unit/daemon/daemon_testing.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

TEST(OwnListener, IsReachedWhereItListens) {
    struct ListenerCase {
        std::string_view bound;
        std::string_view host;
        std::string_view port;
    };
    constexpr ListenerCase cases[] = {
        {"127.0.0.1:8080", "127.0.0.1", "8080"},
        {"0.0.0.0:80", "127.0.0.1", "80"},
        {"[::]:8443", "::1", "8443"},
        {"[2001:db8::1]:9", "2001:db8::1", "9"},
        {"192.0.2.7:65535", "192.0.2.7", "65535"},
    };
    const config::Config config;
    for (const ListenerCase& test_case : cases) {
        const OwnListener listener = own_listener(config, test_case.bound);
        EXPECT_EQ(listener.url.scheme, UrlScheme::http);
        EXPECT_EQ(listener.url.host, test_case.host);
        EXPECT_EQ(listener.url.port, test_case.port);
        EXPECT_TRUE(listener.trusted_certificate.empty());
    }
}

TEST(OwnListener, SpeaksTlsOnlyWhereThePublicAddressDoes) {
    config::Config config;
    config.tls.certificate_file = "/etc/postern/cert.pem";
    const OwnListener listener = own_listener(config, "127.0.0.1:8443");
    EXPECT_EQ(listener.url.scheme, UrlScheme::https);
    EXPECT_EQ(listener.trusted_certificate, "/etc/postern/cert.pem");
    config.tls.listen = config::ListenAddress{"127.0.0.1", 9443};
    EXPECT_EQ(own_listener(config, "127.0.0.1:8080").url.scheme, UrlScheme::http);
}

TEST(SandboxVoices, AreThoseOfGatewaysInSandboxMode) {
    std::vector<ResolvedGateway> gateways;
    gateways.push_back(stripe_gateway("stripe", "whsec_first"));
    gateways.push_back(stripe_gateway("stripe-live", "whsec_second"));
    gateways[0].gateway.mode = config::Mode::sandbox;
    gateways[1].gateway.mode = config::Mode::live;
    const auto voices = sandbox_voices(gateways);
    ASSERT_EQ(voices.size(), 1U);
    EXPECT_EQ(voices.front().gateway_id, "stripe");
    EXPECT_EQ(voices.front().kind->name, "stripe");
    EXPECT_EQ(voices.front().settings, stripe_settings("whsec_first"));
}

}  // namespace
}  // namespace postern::daemon
