#include "net/http_client.hpp"

#include "tests/unit/net/client_fixture.hpp"
#include "tests/unit/net/fake_server.hpp"

#include <gtest/gtest.h>

namespace postern::net {
namespace {

using Connection = OutboundAnswer::Connection;
using std::chrono::milliseconds;

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct Client {
    explicit Client(ClientLimits limits = {}) : http{thread, limits} {}

    OutboundAnswer send(const OutboundRequest& request) {
        return run_task(thread, http.send(request));
    }

    IoThread thread{0};
    HttpClient http;
};

TEST(HttpClient, SendsARequestAndReadsTheAnswer) {
    std::string seen;
    FakeServer server{[&seen](FakePeer& peer, int) {
        seen = peer.read_request().value_or("");
        peer.send("HTTP/1.1 201 Created\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello");
        peer.wait_for_end();
    }};
    Client client;
    const OutboundAnswer answer = client.send(request_to(server.port()));
    EXPECT_EQ(answer.error, OutboundError::none);
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.field("x-a"), "b");
    EXPECT_EQ(answer.peer, loopback());
    EXPECT_GE(answer.phases.total, answer.phases.first_byte);
    EXPECT_EQ(
        seen,
        "POST /hook HTTP/1.1\r\nHost: example.com\r\ncontent-type: application/json\r\n"
        "Content-Length: 14\r\n\r\n{\"id\":\"evt_1\"}"
    );
}

TEST(HttpClient, KeepsAConnectionAfterACleanExchange) {
    FakeServer server{answering(kOk)};
    Client client;
    const OutboundRequest request = request_to(server.port());
    EXPECT_EQ(client.send(request).connection, Connection::fresh);
    EXPECT_EQ(client.http.idle_connections(), 1U);
    for (int i = 0; i < 3; ++i) {
        const OutboundAnswer answer = client.send(request);
        EXPECT_EQ(answer.connection, Connection::pooled);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.peer, loopback());
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, TriesItsAddressesInOrder) {
    FakeServer server{answering(kOk)};
    Client client;
    OutboundRequest request = request_to(server.port());
    // Nobody listens on that port of the other loopback addresses.
    request.addresses = {*parse_ip_address("127.0.0.9"), loopback()};
    const OutboundAnswer answer = client.send(request);
    EXPECT_EQ(answer.error, OutboundError::none);
    EXPECT_EQ(answer.peer, loopback());
    request.addresses = {*parse_ip_address("127.0.0.9"), *parse_ip_address("127.0.0.8")};
    EXPECT_EQ(client.send(request).error, OutboundError::connect_refused);
    request.addresses = {};
    EXPECT_EQ(client.send(request).error, OutboundError::connect_failed);
}

TEST(HttpClient, ReusesAConnectionOnlyForItsOwnDestination) {
    FakeServer server{answering(kOk)};
    Client client;
    const OutboundRequest request = request_to(server.port());
    client.send(request);
    OutboundRequest other_name = request;
    other_name.server_name = "other.example.com";
    EXPECT_EQ(client.send(other_name).connection, Connection::fresh);
    OutboundRequest other_address = request;
    other_address.addresses = {*parse_ip_address("127.0.0.9")};
    EXPECT_EQ(client.send(other_address).error, OutboundError::connect_refused);
    OutboundRequest more_addresses = request;
    more_addresses.addresses = {*parse_ip_address("127.0.0.9"), loopback()};
    EXPECT_EQ(client.send(more_addresses).connection, Connection::pooled);
}

TEST(HttpClient, ForgetsConnectionsThatAreTooOld) {
    FakeServer server{answering(kOk)};
    Client idle_too_long{{.idle_timeout = std::chrono::seconds{0}}};
    Client used_too_long{{.reuse_age_max = std::chrono::seconds{0}}};
    for (Client* client : {&idle_too_long, &used_too_long}) {
        client->send(request_to(server.port()));
        EXPECT_EQ(client->send(request_to(server.port())).connection, Connection::fresh);
    }
}

TEST(HttpClient, KeepsNoMoreConnectionsThanItsLimits) {
    FakeServer server{answering(kOk)};
    Client client{{.idle_connections_max = 2, .idle_per_destination_max = 1}};
    OutboundRequest request = request_to(server.port());
    const auto pair = [](Client& both, const OutboundRequest& wanted) -> Task<bool> {
        const OutboundAnswer answer = co_await both.http.send(wanted);
        co_return answer.status == 200;
    };
    int left = 2;
    const auto count = [&left](std::exception_ptr, bool) {
        --left;
    };
    asio::co_spawn(client.thread.context(), pair(client, request), count);
    asio::co_spawn(client.thread.context(), pair(client, request), count);
    while (left > 0) client.thread.context().run_one();
    EXPECT_EQ(client.http.idle_connections(), 1U);
    for (const std::string_view name : {"a.example.com", "b.example.com"}) {
        request.server_name = name;
        client.send(request);
    }
    EXPECT_EQ(client.http.idle_connections(), 2U);
}

TEST(HttpClient, ReplacesAKeptConnectionThatIsDead) {
    // Closed before the next request, after it was read, and by a reset after it was read.
    enum class Death { at_once, on_request, by_reset };
    for (const Death death : {Death::at_once, Death::on_request, Death::by_reset}) {
        FakeServer server{[death](FakePeer& peer, int number) {
            peer.read_request();
            peer.send(kOk);
            if (number == 0 && death == Death::at_once) return;
            peer.read_request();
            if (number == 0 && death == Death::by_reset) return peer.reset();
            if (number == 0) return;
            peer.send(kOk);
            peer.wait_for_end();
        }};
        Client client;
        client.send(request_to(server.port()));
        const OutboundAnswer answer = client.send(request_to(server.port()));
        EXPECT_EQ(answer.error, OutboundError::none);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.connection, Connection::fresh);
        EXPECT_EQ(server.connections(), 2);
    }
}

TEST(HttpClient, SendsARequestOnceWhenItsAnswerHasBegun) {
    FakeServer server{[](FakePeer& peer, int number) {
        peer.read_request();
        peer.send(kOk);
        if (number > 0) return peer.wait_for_end();
        peer.read_request();
        peer.send("HTTP/1.1 2");
    }};
    Client client;
    client.send(request_to(server.port()));
    const OutboundAnswer answer = client.send(request_to(server.port()));
    EXPECT_EQ(answer.error, OutboundError::connection_lost);
    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, GivesUpAfterItsTimeout) {
    struct Case {
        const char* name;
        std::string answer;
        int status;
    };
    const Case cases[] = {
        {"nothing comes", "", 0},
        {"a head is cut", "HTTP/1.1 200 OK\r\nA", 0},
        {"a body is cut", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", 200},
        {"a body to the end does not end", "HTTP/1.1 200 OK\r\n\r\nab", 200},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        FakeServer server{[&test_case](FakePeer& peer, int) {
            peer.read_request();
            peer.send(test_case.answer);
            peer.wait_for_end();
        }};
        Client client;
        OutboundRequest request = request_to(server.port());
        request.timeout = milliseconds{test_case.status == 0 ? 150 : 1'000};
        const OutboundAnswer answer = client.send(request);
        EXPECT_EQ(answer.error, OutboundError::timeout);
        EXPECT_EQ(answer.status, test_case.status);
        EXPECT_GE(answer.phases.total, request.timeout);
        EXPECT_EQ(client.http.idle_connections(), 0U);
    }
}

TEST(HttpClient, WaitsForABodyNoLongerThanItWasTold) {
    FakeServer server{[](FakePeer& peer, int) {
        if (!peer.read_request()) return;
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
        peer.wait_for_end();
    }};
    IoThread thread{0};
    HttpClient client{thread, {}};
    OutboundRequest request = request_to(server.port());
    request.timeout = std::chrono::milliseconds{20'000};
    request.body_timeout = std::chrono::milliseconds{100};
    const OutboundAnswer answer = run_task(thread, client.send(request));
    EXPECT_EQ(answer.error, OutboundError::timeout);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "half");
    EXPECT_LT(answer.phases.total, request.timeout);
    EXPECT_EQ(client.idle_connections(), 0U);
}

TEST(HttpClient, GivesUpOnAPeerThatDoesNotRead) {
    FakeServer server{[](FakePeer& peer, int) {
        while (!peer.stopped()) peer.pause_milliseconds(50);
    }};
    Client client;
    OutboundRequest request = request_to(server.port());
    const std::string body(32 * 1024 * 1024, 'x');
    request.body = body;
    request.timeout = milliseconds{300};
    const OutboundAnswer answer = client.send(request);
    EXPECT_EQ(answer.error, OutboundError::timeout);
    EXPECT_GE(answer.phases.total, request.timeout);
}

TEST(HttpClient, ReadsARefusalThatComesBeforeTheBodyIsSent) {
    FakeServer server{[](FakePeer& peer, int) {
        peer.read_head();
        peer.send("HTTP/1.1 413 Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        peer.wait_for_end();
    }};
    Client client;
    OutboundRequest request = request_to(server.port());
    const std::string body(4 * 1024 * 1024, 'x');
    request.body = body;
    const OutboundAnswer answer = client.send(request);
    EXPECT_EQ(answer.error, OutboundError::none);
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(client.http.idle_connections(), 0U);
}

TEST(HttpClient, SendsALargeBodyWhole) {
    const std::string body(8 * 1024 * 1024, 'x');
    std::size_t received = 0;
    FakeServer server{[&received](FakePeer& peer, int) {
        received = peer.read_request().value_or("").size();
        peer.send(kOk);
        peer.wait_for_end();
    }};
    Client client;
    OutboundRequest request = request_to(server.port());
    request.body = body;
    EXPECT_EQ(client.send(request).status, 200);
    EXPECT_GT(received, body.size());
}

TEST(HttpClient, EndsWhatIsUnderWayWhenItCloses) {
    FakeServer server{[](FakePeer& peer, int) {
        peer.wait_for_end();
    }};
    Client client;
    std::optional<OutboundAnswer> answer;
    const auto keep = [&answer](std::exception_ptr, OutboundAnswer got) {
        answer = std::move(got);
    };
    const OutboundRequest request = request_to(server.port());
    asio::co_spawn(client.thread.context(), client.http.send(request), keep);
    while (server.connections() == 0) client.thread.context().run_one();
    client.http.close();
    while (!answer) client.thread.context().run_one();
    EXPECT_EQ(answer->error, OutboundError::connection_lost);
    EXPECT_EQ(client.send(request).error, OutboundError::connection_lost);
}

TEST(HttpClient, SendsNothingThatCouldBeReadAsSomethingElse) {
    const OutboundRequest good = request_to(1);
    struct Case {
        const char* name;
        OutboundRequest request;
    };
    std::vector<Case> cases;
    const auto add = [&cases, &good](const char* name) -> OutboundRequest& {
        cases.push_back({name, good});
        return cases.back().request;
    };
    add("a line end in the target").target = "/a\r\nX: y";
    add("a blank in the target").target = "/a b";
    add("a target without a slash").target = "a";
    add("a method of two words").method = "GET /x";
    add("no host").host_field = "";
    add("a line end in the host").host_field = "a\r\nb";
    add("a field without an end").header_lines = "a: b";
    add("an empty line among the fields").header_lines = "a: b\r\n\r\nc: d\r\n";
    add("a bare line feed in a field").header_lines = "a: b\nc: d\r\n";
    add("a length of its own").header_lines = "content-length: 1\r\n";
    add("a coding of its own").header_lines = "Transfer-Encoding: chunked\r\n";
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        Client client;
        const OutboundAnswer answer = client.send(test_case.request);
        EXPECT_EQ(answer.error, OutboundError::connect_failed);
        EXPECT_EQ(answer.detail, "the request cannot be sent as it stands");
    }
}

TEST(HttpClient, ReadsNoBodyAfterHead) {
    FakeServer server{answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")};
    Client client;
    OutboundRequest request = request_to(server.port());
    request.method = "HEAD";
    request.body = {};
    EXPECT_EQ(client.send(request).error, OutboundError::none);
    EXPECT_EQ(client.send(request).connection, Connection::pooled);
}

TEST(HttpClient, GoesThroughAProxy) {
    std::vector<std::string> seen;
    FakeServer proxy{[&seen](FakePeer& peer, int) {
        seen.push_back(peer.read_head().value_or(""));
        peer.send("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
        while (auto request = peer.read_request()) {
            seen.push_back(std::move(*request));
            peer.send(kOk);
        }
    }};
    const OutboundProxy settings{
        .address = loopback(), .port = proxy.port(), .authorization = "Basic YTpi"};
    Client client;
    OutboundRequest request = request_to(8'443);
    request.proxy = &settings;
    request.addresses = {};
    const OutboundAnswer answer = client.send(request);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.peer, loopback());
    EXPECT_EQ(client.send(request).connection, Connection::pooled);
    request.addresses = {*parse_ip_address("2001:db8::7")};
    EXPECT_EQ(client.send(request).connection, Connection::fresh);
    request.proxy = nullptr;
    request.addresses = {*parse_ip_address("127.0.0.9")};
    EXPECT_NE(client.send(request).error, OutboundError::none);
    ASSERT_EQ(seen.size(), 5U);
    EXPECT_EQ(
        seen[0],
        "CONNECT example.com:8443 HTTP/1.1\r\nHost: example.com:8443\r\n"
        "Proxy-Authorization: Basic YTpi\r\n\r\n"
    );
    EXPECT_TRUE(seen[1].starts_with("POST /hook HTTP/1.1\r\nHost: example.com\r\n"));
    EXPECT_TRUE(seen[3].starts_with("CONNECT [2001:db8::7]:8443 HTTP/1.1\r\n"));
}

TEST(HttpClient, TellsAProxysRefusal) {
    struct Case {
        const char* answer;
        OutboundError error;
    };
    const Case cases[] = {
        {"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n", OutboundError::proxy_failed},
        {"HTTP/1.1 301 There\r\nLocation: http://127.0.0.1/\r\n\r\n", OutboundError::proxy_failed},
        {"SSH-2.0-x\r\n", OutboundError::proxy_failed},
        {"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", OutboundError::proxy_failed},
        {"HTTP/1.1 200 OK\r\n", OutboundError::timeout},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.answer);
        FakeServer proxy{[&test_case](FakePeer& peer, int) {
            peer.read_head();
            peer.send(test_case.answer);
            peer.wait_for_end();
        }};
        const OutboundProxy settings{.address = loopback(), .port = proxy.port()};
        const bool silent = test_case.error == OutboundError::timeout;
        Client client{{.connect_timeout = milliseconds{silent ? 200 : 5'000}}};
        OutboundRequest request = request_to(443);
        request.proxy = &settings;
        const OutboundAnswer answer = client.send(request);
        EXPECT_EQ(answer.error, test_case.error);
        EXPECT_EQ(answer.status, 0);
    }
}

}  // namespace
}  // namespace postern::net
