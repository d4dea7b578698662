#include "daemon/commands/control_client.hpp"

#include "tests/unit/daemon/daemon_testing.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace postern::daemon::commands {
namespace {

using Local = boost::asio::local::stream_protocol;

class ControlClientInFolder : public FolderTest {
 protected:
    std::filesystem::path socket() const { return folder_ / "control.sock"; }
};

TEST_F(ControlClientInFolder, SaysThatNobodyIsThere) {
    const auto client = ControlClient::connect(socket());
    ASSERT_FALSE(client.has_value());
    EXPECT_NE(client.error().message.find("is `postern serve` running"), std::string::npos);
}

TEST_F(ControlClientInFolder, GivesUpOnADaemonThatHangs) {
    boost::asio::io_context context;
    const Local::acceptor listener{context, Local::endpoint{socket().string()}};
    auto client = ControlClient::connect(socket(), std::chrono::milliseconds{1});
    ASSERT_TRUE(client.has_value()) << client.error().message;
    const auto answer = client->ask({.method = "GET", .target = "/"});
    ASSERT_FALSE(answer.has_value());
    EXPECT_NE(answer.error().message.find("does not answer"), std::string::npos);
}

}  // namespace
}  // namespace postern::daemon::commands
