#include "net/tls_client.hpp"

#include "tests/unit/net/client_fixture.hpp"
#include "tests/unit/net/fake_server.hpp"
#include "tests/unit/net/test_certificates.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <atomic>

namespace postern::net {
namespace {

using Role = CertificateOrder::Role;
using std::chrono::milliseconds;

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const TestIdentity& authority() {
    static const TestIdentity identity{{.common_name = "ca", .role = Role::authority}};
    return identity;
}

TestIdentity leaf(const std::string& alternative_names) {
    return TestIdentity{{.alternative_names = alternative_names}, &authority()};
}

std::shared_ptr<const TlsClient> trusting(const TlsClient::Options& options) {
    auto made = TlsClient::make(options);
    EXPECT_TRUE(made) << made.error().message;
    return *made;
}

std::shared_ptr<const TlsClient> trusting_our_authority() {
    return trusting({.ca_pem = authority().certificate_pem()});
}

FakeServer::Script answering_over_tls(std::shared_ptr<SSL_CTX> context) {
    return [context = std::move(context)](FakePeer& peer, int) {
        if (!peer.start_tls(context.get())) return;
        while (peer.read_request()) {
            if (!peer.send(kOk)) return;
        }
    };
}

OutboundRequest tls_request(const FakeServer& server, std::shared_ptr<const TlsClient> tls) {
    OutboundRequest request = request_to(server.port());
    request.tls = std::move(tls);
    return request;
}

OutboundAnswer send_once(const OutboundRequest& request, ClientLimits limits = {}) {
    IoThread thread{0};
    HttpClient client{thread, limits};
    return run_task(thread, client.send(request));
}

TEST(TlsClient, DeliversToAServerItTrusts) {
    FakeServer server{answering_over_tls(leaf("DNS:example.com").server_context())};
    IoThread thread{0};
    HttpClient client{thread, {}};
    const OutboundRequest request = tls_request(server, trusting_our_authority());
    const OutboundAnswer first = run_task(thread, client.send(request));
    EXPECT_EQ(first.error, OutboundError::none) << first.detail;
    EXPECT_EQ(first.body, "ok");
    EXPECT_GT(first.phases.tls.count(), 0);
    const OutboundAnswer second = run_task(thread, client.send(request));
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(second.connection, OutboundAnswer::Connection::pooled);
    EXPECT_EQ(second.phases.tls.count(), 0);
}

TEST(TlsClient, TakesOnlyTheNameThatWasAskedFor) {
    struct Case {
        const char* certificate;
        const char* server_name;
        OutboundError error;
    };
    const Case cases[] = {
        {"DNS:example.com", "example.com", OutboundError::none},
        {"DNS:other.example,DNS:example.com", "example.com", OutboundError::none},
        {"DNS:*.example.com", "a.example.com", OutboundError::none},
        {"IP:127.0.0.1", "127.0.0.1", OutboundError::none},
        {"DNS:*.example.com", "example.com", OutboundError::tls_untrusted},
        {"DNS:*.example.com", "a.b.example.com", OutboundError::tls_untrusted},
        {"DNS:a*.example.com", "ab.example.com", OutboundError::tls_untrusted},
        {"DNS:example.com.evil.test", "example.com", OutboundError::tls_untrusted},
        {"DNS:127.0.0.1", "127.0.0.1", OutboundError::tls_untrusted},
        {"IP:127.0.0.2", "127.0.0.1", OutboundError::tls_untrusted},
        {"", "test", OutboundError::tls_untrusted},  // its common name, which proves nothing
    };
    const auto tls = trusting_our_authority();
    for (const Case& test_case : cases) {
        SCOPED_TRACE(std::string{test_case.certificate} + " for " + test_case.server_name);
        FakeServer server{answering_over_tls(leaf(test_case.certificate).server_context())};
        OutboundRequest request = tls_request(server, tls);
        request.server_name = test_case.server_name;
        EXPECT_EQ(send_once(request).error, test_case.error);
    }
}

TEST(TlsClient, SaysWhyItDoesNotTrust) {
    const TestIdentity stranger{{.common_name = "ca", .role = Role::authority}};
    const TestIdentity foreign{{.alternative_names = "DNS:example.com"}, &stranger};
    const TestIdentity own{{.alternative_names = "DNS:example.com"}};
    const TestIdentity expired{
        {.alternative_names = "DNS:example.com", .not_after = 1'100'000'000}, &authority()};
    struct Case {
        const TestIdentity* identity;
        const char* detail;
    };
    const TestIdentity misnamed = leaf("DNS:other.example");
    const Case cases[] = {
        {&expired, "certificate has expired"},
        {&own, "self-signed certificate"},
        {&foreign, "certificate signature failure"},
        {&misnamed, "hostname mismatch"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.detail);
        FakeServer server{answering_over_tls(test_case.identity->server_context())};
        const OutboundAnswer answer = send_once(tls_request(server, trusting_our_authority()));
        EXPECT_EQ(answer.error, OutboundError::tls_untrusted);
        EXPECT_EQ(answer.detail, test_case.detail);
        EXPECT_EQ(answer.status, 0);
    }
}

TEST(TlsClient, TrustsTheSystemsRootsWhenGivenNone) {
    FakeServer server{answering_over_tls(leaf("DNS:example.com").server_context())};
    const OutboundAnswer answer = send_once(tls_request(server, trusting({})));
    EXPECT_EQ(answer.error, OutboundError::tls_untrusted);
}

TEST(TlsClient, ShowsItsCertificateToAServerThatAsks) {
    const TestIdentity ourselves{{.common_name = "sender"}, &authority()};
    const auto context = leaf("DNS:example.com").server_context(&authority());
    FakeServer server{answering_over_tls(context)};
    const auto known = trusting(
        {.ca_pem = authority().certificate_pem(),
         .certificate_pem = ourselves.certificate_pem(),
         .key_pem = ourselves.key_pem()}
    );
    EXPECT_EQ(send_once(tls_request(server, known)).status, 200);
    const OutboundAnswer refused = send_once(tls_request(server, trusting_our_authority()));
    EXPECT_EQ(refused.error, OutboundError::tls_failed);
    EXPECT_EQ(refused.status, 0);
}

TEST(TlsClient, FailsWithPeersThatSpeakNoGoodTls) {
    const auto tls = trusting_our_authority();
    const auto plain = [](FakePeer& peer, int) {
        peer.send(kOk);
        peer.wait_for_end();
    };
    const auto gone = [](FakePeer&, int) {
    };
    const auto silent = [](FakePeer& peer, int) {
        peer.wait_for_end();
    };
    auto old_context = leaf("DNS:example.com").server_context();
    SSL_CTX_set_security_level(old_context.get(), 0);
    SSL_CTX_set_max_proto_version(old_context.get(), TLS1_1_VERSION);
    struct Case {
        const char* name;
        FakeServer::Script script;
        OutboundError error;
    };
    const Case cases[] = {
        {"plain text", plain, OutboundError::tls_failed},
        {"a closed connection", gone, OutboundError::tls_failed},
        {"TLS 1.1", answering_over_tls(old_context), OutboundError::tls_failed},
        {"silence", silent, OutboundError::timeout},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        FakeServer server{test_case.script};
        const bool silent = test_case.error == OutboundError::timeout;
        const ClientLimits limits{.tls_timeout = milliseconds{silent ? 200 : 5'000}};
        EXPECT_EQ(send_once(tls_request(server, tls), limits).error, test_case.error);
    }
}

TEST(TlsClient, ResumesASessionOnANewConnection) {
    const auto context = leaf("DNS:example.com").server_context();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        SSL_CTX_set_max_proto_version(context.get(), version);
        FakeServer server{[&context](FakePeer& peer, int) {
            if (!peer.start_tls(context.get())) return;
            peer.read_request();
            const char* body = peer.session_was_reused() ? "new" : "old";
            std::string answer =
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n";
            peer.send(answer + body);
            peer.close();
            peer.wait_for_end();
        }};
        const auto tls = trusting_our_authority();
        EXPECT_EQ(send_once(tls_request(server, tls)).body, "old");
        EXPECT_EQ(send_once(tls_request(server, tls)).body, "new");
        OutboundRequest other = tls_request(server, tls);
        other.server_name = "other.example";
        EXPECT_EQ(send_once(other).error, OutboundError::tls_untrusted);
    }
}

TEST(TlsClient, TellsACutBodyFromAWholeOne) {
    const auto context = leaf("DNS:example.com").server_context();
    struct Case {
        const char* name;
        enum class End { announced, cut } end;
        OutboundError error;
    };
    const Case cases[] = {
        {"ended by TLS", Case::End::announced, OutboundError::none},
        {"ended below TLS", Case::End::cut, OutboundError::connection_lost},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        FakeServer server{[&context, &test_case](FakePeer& peer, int) {
            if (!peer.start_tls(context.get())) return;
            peer.read_request();
            peer.send("HTTP/1.1 200 OK\r\n\r\nok");
            if (test_case.end == Case::End::announced) peer.close();
            peer.end_below_tls();
            peer.wait_for_end();
        }};
        const OutboundAnswer answer = send_once(tls_request(server, trusting_our_authority()));
        EXPECT_EQ(answer.error, test_case.error);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "ok");
    }
}

TEST(TlsClient, SendsALargeBodyWhole) {
    const std::string body(4 * 1024 * 1024, 'x');
    std::atomic<std::size_t> received = 0;
    const auto context = leaf("DNS:example.com").server_context();
    FakeServer server{[&received, &context](FakePeer& peer, int) {
        if (!peer.start_tls(context.get())) return;
        received = peer.read_request().value_or("").size();
        peer.send(kOk);
        peer.wait_for_end();
    }};
    OutboundRequest request = tls_request(server, trusting_our_authority());
    request.body = body;
    EXPECT_EQ(send_once(request).status, 200);
    EXPECT_GT(received, body.size());
}

TEST(TlsClient, GoesThroughAProxy) {
    const auto context = leaf("DNS:example.com").server_context();
    FakeServer proxy{[&context](FakePeer& peer, int) {
        peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
        if (!peer.start_tls(context.get())) return;
        peer.read_request();
        peer.send(kOk);
        peer.wait_for_end();
    }};
    const OutboundProxy settings{.address = loopback(), .port = proxy.port()};
    OutboundRequest request = tls_request(proxy, trusting_our_authority());
    request.proxy = &settings;
    request.addresses = {};
    EXPECT_EQ(send_once(request).status, 200);
}

TEST(TlsClient, SaysWhatIsWrongWithItsSettings) {
    const TestIdentity ourselves{{}};
    const TestIdentity other{{}};
    const std::string certificate = ourselves.certificate_pem();
    struct Case {
        const char* name;
        TlsClient::Options options;
    };
    const Case cases[] = {
        {"a bundle without a certificate", {.ca_pem = "none"}},
        {"a certificate that is none", {.certificate_pem = "x", .key_pem = ourselves.key_pem()}},
        {"a key that is none", {.certificate_pem = certificate, .key_pem = "x"}},
        {"no key", {.certificate_pem = certificate}},
        {"no certificate", {.key_pem = ourselves.key_pem()}},
        {"another's key", {.certificate_pem = certificate, .key_pem = other.key_pem()}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_FALSE(TlsClient::make(test_case.options));
    }
}

}  // namespace
}  // namespace postern::net
