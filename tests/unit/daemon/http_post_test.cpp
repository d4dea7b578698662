#include "daemon/http_post.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <future>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace postern::daemon {
namespace {

// Answers one connection with fixed bytes once it has seen the end of the request's body.
class OneShotServer {
 public:
    OneShotServer(std::string reply, std::string request_end)
        : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{.sin_family = AF_INET};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener_, generic, size), 0);
        EXPECT_EQ(::listen(listener_, 1), 0);
        EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
        port_ = ntohs(address.sin_port);
        if (reply.empty()) return;  // nobody will be answered
        thread_ = std::jthread{[this, reply = std::move(reply), end = std::move(request_end)] {
            serve(reply, end);
        }};
    }
    OneShotServer(const OneShotServer&) = delete;
    OneShotServer& operator=(const OneShotServer&) = delete;
    ~OneShotServer() {
        if (thread_.joinable()) thread_.join();
        ::close(listener_);
    }

    HttpUrl url() const {
        return {.host = "127.0.0.1", .port = std::to_string(port_), .target = "/x?y=z"};
    }
    // Only after the reply is there.
    const std::string& request() const { return request_; }

 private:
    void serve(const std::string& reply, const std::string& end) {
        const int peer = ::accept(listener_, nullptr, nullptr);
        char buffer[4096];
        while (!request_.ends_with(end)) {
            const ssize_t count = ::recv(peer, buffer, sizeof buffer, 0);
            if (count <= 0) break;
            request_.append(buffer, static_cast<std::size_t>(count));
        }
        EXPECT_EQ(::send(peer, reply.data(), reply.size(), 0), std::ssize(reply));
        ::close(peer);
    }

    int listener_;
    unsigned port_ = 0;
    std::string request_;
    std::jthread thread_;
};

// Serves connection after connection, each for as many requests as it is told, and counts them.
class KeepingServer {
 public:
    enum class Then { close, say_nothing };
    explicit KeepingServer(std::vector<int> requests_of_connections, Then then = Then::close)
        : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}, then_{then} {
        sockaddr_in address{.sin_family = AF_INET};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener_, generic, size), 0);
        EXPECT_EQ(::listen(listener_, 1), 0);
        EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread{[this, counts = std::move(requests_of_connections)] {
            for (const int count : counts) serve(count);
        }};
    }
    KeepingServer(const KeepingServer&) = delete;
    KeepingServer& operator=(const KeepingServer&) = delete;
    ~KeepingServer() {
        if (thread_.joinable()) thread_.join();
        for (const int peer : silent_) ::close(peer);
        ::close(listener_);
    }

    PostRequest request() const {
        return {
            .url = {.host = "127.0.0.1", .port = std::to_string(port_), .target = "/"},
            .body = "the body"};
    }
    int connections() {  // once all that were expected are over, and those that were not
        thread_.join();
        ::fcntl(listener_, F_SETFL, O_NONBLOCK);
        for (int peer; (peer = ::accept(listener_, nullptr, nullptr)) >= 0; ++connections_) {
            ::close(peer);
        }
        return connections_;
    }

 private:
    void serve(int count) {
        const int peer = ::accept(listener_, nullptr, nullptr);
        ++connections_;
        std::string seen;
        char buffer[4096];
        for (int i = 0; i < count; ++i) {
            while (!seen.ends_with("the body")) {
                const ssize_t got = ::recv(peer, buffer, sizeof buffer, 0);
                if (got <= 0) break;
                seen.append(buffer, static_cast<std::size_t>(got));
            }
            EXPECT_EQ(seen.find("Connection: close"), std::string::npos) << seen;
            seen.clear();
            constexpr std::string_view reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            EXPECT_EQ(::send(peer, reply.data(), reply.size(), 0), std::ssize(reply));
        }
        if (then_ == Then::close) {
            ::close(peer);
        } else {
            silent_.push_back(peer);
        }
    }

    int listener_;
    const Then then_;
    unsigned port_ = 0;
    int connections_ = 0;
    std::vector<int> silent_;
    std::jthread thread_;
};

TEST(KeptConnection, IsUsedAgainAndReplacedWhenItHasEnded) {
    KeepingServer server{{3, 1}};
    KeptConnection connection;
    for (int i = 0; i < 4; ++i) {
        const auto reply = connection.post(server.request());
        ASSERT_TRUE(reply.has_value()) << reply.error().message;
        EXPECT_EQ(reply->status, 200);
    }
    EXPECT_EQ(server.connections(), 2);
}

TEST(KeptConnection, SaysThatNobodyListens) {
    HttpUrl url;
    {
        const OneShotServer server{"", ""};
        url = server.url();
    }
    KeptConnection connection;
    EXPECT_FALSE(connection.post({.url = url}).has_value());
    EXPECT_FALSE(connection.post({.url = url}).has_value());
}

// A connection that waits in the backlog for ever is one that a server holds without a word.
TEST(KeptConnection, IsAbandonedByAnotherThread) {
    const OneShotServer server{"", ""};
    KeptConnection connection;
    auto posting = std::async(std::launch::async, [&connection, &server] {
        return connection.post({.url = server.url(), .timeout = std::chrono::hours{1}});
    });
    connection.abandon();
    EXPECT_FALSE(posting.get().has_value());
    EXPECT_FALSE(connection.post({.url = server.url()}).has_value()) << "nothing follows";
}

TEST(KeptConnection, IsNotReplacedBecauseItIsSlow) {
    KeepingServer server{{1}, KeepingServer::Then::say_nothing};
    KeptConnection connection;
    ASSERT_TRUE(connection.post(server.request()).has_value());
    PostRequest late = server.request();
    late.timeout = std::chrono::seconds{0};
    EXPECT_FALSE(connection.post(late).has_value());
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpPost, SendsWhatItIsGivenAndReadsTheReply) {
    const OneShotServer server{
        "HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nContent-Length: 4\r\n\r\nbusy", "the body"};
    const auto reply =
        http_post({.url = server.url(), .headers = {{"X-A", "1"}}, .body = "the body"});
    ASSERT_TRUE(reply.has_value()) << reply.error().message;
    EXPECT_EQ(reply->status, 503);
    EXPECT_EQ(reply->body, "busy");
    EXPECT_EQ(reply->headers.front().first, "Retry-After");
    EXPECT_TRUE(server.request().starts_with("POST /x?y=z HTTP/1.1\r\nHost: 127.0.0.1:"));
    EXPECT_NE(server.request().find("\r\nX-A: 1\r\n"), std::string::npos);
    EXPECT_TRUE(server.request().ends_with("\r\n\r\nthe body"));
}

TEST(HttpPost, SaysThatNobodyListens) {
    HttpUrl url;
    {
        const OneShotServer server{"", ""};
        url = server.url();
    }
    const auto reply = http_post({.url = url});
    ASSERT_FALSE(reply.has_value());
    EXPECT_NE(reply.error().message.find("Connection refused; is"), std::string::npos)
        << reply.error().message;
}

TEST(HttpPost, DoesNotWaitForever) {
    const OneShotServer server{"", ""};
    const auto reply = http_post({.url = server.url(), .timeout = std::chrono::seconds{0}});
    EXPECT_FALSE(reply.has_value());
}

TEST(HttpPost, ReadsNoMoreThanItIsAllowed) {
    for (const bool fits : {true, false}) {
        const OneShotServer server{"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbusy", "x"};
        const auto reply =
            http_post({.url = server.url(), .body = "x", .reply_bytes_max = fits ? 4U : 3U});
        EXPECT_EQ(reply.has_value(), fits);
    }
}

TEST(HttpPost, SaysThatTheReplyIsNotHttp) {
    const OneShotServer server{"SSH-2.0-x\r\n\r\n", "\r\n\r\n"};
    EXPECT_FALSE(http_post({.url = server.url()}).has_value());
}

TEST(HttpPost, SaysThatTheCertificateCannotBeRead) {
    const auto reply = http_post(
        {.url = {.scheme = UrlScheme::https, .host = "127.0.0.1", .port = "1", .target = "/"},
         .trusted_certificate = "/absent.pem"}
    );
    EXPECT_FALSE(reply.has_value());
}

}  // namespace
}  // namespace postern::daemon
