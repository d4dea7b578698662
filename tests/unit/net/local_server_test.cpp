#include "net/local_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>

namespace postern::net {
namespace {

using Local = asio::local::stream_protocol;

class PathHandler final : public HttpHandler {
 public:
    std::optional<HttpReply> refuse_early(std::string_view, std::string_view) override {
        return std::nullopt;
    }
    Task<HttpReply> handle(const HttpRequest& request, IoThread&) override {
        HttpReply reply;
        reply.body = "you asked for " + std::string{request.path} + " from " + request.peer_address;
        co_return reply;
    }
    HttpReply refusal(int status, const HttpRequest&) override {
        HttpReply reply;
        reply.status = status;
        return reply;
    }
};

class LocalServerTest : public ::testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = ::testing::TempDir() + "postern-local-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        runtime_.start();
    }
    void TearDown() override {
        runtime_.stop();
        std::filesystem::remove_all(folder_);
    }
    std::filesystem::path path() { return folder_ / "control.sock"; }
    LocalServer& make() {
        servers_.push_back(std::make_unique<LocalServer>(
            LocalServer::Parts{
                .thread = runtime_.thread(0), .handler = handler_, .metrics = metrics_},
            LocalServerOptions{.name = "control", .path = path(), .limits = {}}
        ));
        return *servers_.back();
    }
    // The whole answer to a request after which the connection is closed.
    std::string ask(const std::string& target) {
        asio::io_context context{1};
        Local::socket socket{context};
        boost::system::error_code error;
        socket.connect(Local::endpoint{path().string()}, error);
        if (error) return error.message();
        const std::string request =
            "GET " + target + " HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
        asio::write(socket, asio::buffer(request), error);
        std::string answer;
        asio::read(socket, asio::dynamic_buffer(answer), error);
        return answer;
    }

    std::filesystem::path folder_;
    PathHandler handler_;
    MetricRegistry metrics_;
    Runtime runtime_{1};
    std::vector<std::unique_ptr<LocalServer>> servers_;
};

TEST_F(LocalServerTest, AnswersWhoeverOperatesTheDaemonAndNobodyElse) {
    LocalServer& server = make();
    ASSERT_TRUE(server.start().has_value());
    struct stat status {};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    const std::string answer = ask("/control/");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("you asked for /control/ from 127.0.0.1")) << answer;
    EXPECT_TRUE(server.stop());
    EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(LocalServerTest, TakesOverASocketThatNobodyAnswersOn) {
    {
        asio::io_context context{1};
        Local::acceptor left{context, Local::endpoint{path().string()}};
    }
    ASSERT_TRUE(std::filesystem::exists(path()));
    LocalServer& server = make();
    ASSERT_TRUE(server.start().has_value());
    EXPECT_TRUE(ask("/").starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(server.stop());
}

TEST_F(LocalServerTest, LeavesTheSocketOfAnotherAlone) {
    LocalServer& first = make();
    ASSERT_TRUE(first.start().has_value());
    const auto second = make().start();
    ASSERT_FALSE(second.has_value());
    EXPECT_NE(second.error().message.find("another postern answers"), std::string::npos);
    EXPECT_TRUE(ask("/").starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(first.stop());
}

TEST_F(LocalServerTest, LeavesAFileAloneThatIsNoSocket) {
    std::ofstream{path()} << "mine";
    const auto started = make().start();
    ASSERT_FALSE(started.has_value());
    EXPECT_TRUE(std::filesystem::is_regular_file(path()));
}

}  // namespace
}  // namespace postern::net
