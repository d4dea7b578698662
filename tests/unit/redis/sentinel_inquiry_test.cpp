#include "redis/sentinel_inquiry.hpp"

#include "tests/unit/net/fake_server.hpp"
#include "tests/unit/redis/rig.hpp"

#include <gtest/gtest.h>

namespace postern::redis {
namespace {

TEST(SentinelMessages, AreReadOnlyWhenTheyAreWhole) {
    struct Case {
        const char* message;
        std::optional<ServerAddress> expected;
    };
    const Case cases[] = {
        {"mymaster 10.0.0.1 6379 10.0.0.2 6380", ServerAddress{"10.0.0.2", 6380}},
        {"other 10.0.0.1 6379 10.0.0.2 6380", std::nullopt},
        {"mymaster 10.0.0.1 6379 10.0.0.2", std::nullopt},
        {"mymaster 10.0.0.1 6379 10.0.0.2 0", std::nullopt},
        {"mymaster", std::nullopt},
        {"", std::nullopt},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.message);
        EXPECT_EQ(switched_master(test_case.message, "mymaster"), test_case.expected);
    }
}

bool hear(net::FakePeer& peer, std::string_view words) {
    std::string heard;
    while (heard.find(words) == std::string::npos) {
        const auto more = peer.read_some();
        if (!more) return false;
        heard += *more;
    }
    return true;
}

// A sentinel that names a port; 0: it does not know the master; -1: it hangs up; -2: it is silent.
net::FakeServer::Script sentinel_that_says(int port) {
    return [port](net::FakePeer& peer, int) {
        if (port == -1) return;
        if (!hear(peer, "PING") || !peer.send("+OK\r\n+PONG\r\n")) return;
        if (!hear(peer, "get-master-addr-by-name")) return;
        std::string answer{"*-1\r\n"};
        if (port > 0) {
            const std::string text = std::to_string(port);
            answer = "*2\r\n$9\r\n127.0.0.1\r\n$" + std::to_string(text.size()) + "\r\n" + text;
            answer += "\r\n";
        }
        if (port != -2) peer.send(answer);
        peer.wait_for_end();
    };
}

struct Case {
    const char* name;
    int says[3];
    int doubtful;
    int expected;  // 0: a complaint
};
constexpr Case kCases[] = {
    {"all agree", {7, 7, 7}, 0, 7},
    {"most agree, also where that one was no use", {7, 8, 7}, 7, 7},
    {"one has not heard the news", {8, 7, 8}, 7, 8},
    {"one is silent, the others agree", {-2, 7, 7}, 0, 7},
    {"only one lives", {-1, -1, 7}, 0, 7},
    {"two minds: not the one that was no use", {7, 8, -1}, 7, 8},
    {"two minds: not the other that was no use", {7, 8, -1}, 8, 7},
    {"one does not know it", {0, 7, 7}, 0, 7},
    {"nobody knows it", {0, 0, 0}, 0, 0},
    {"nobody lives", {-1, -1, -1}, 0, 0},
    {"nobody speaks", {-2, -2, -2}, 0, 0},
};

TEST(SentinelInquiry, BelievesMostOfThem) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        net::FakeServer first{sentinel_that_says(test_case.says[0])};
        net::FakeServer second{sentinel_that_says(test_case.says[1])};
        net::FakeServer third{sentinel_that_says(test_case.says[2])};
        Options options = options_for("redis+sentinel://x/mymaster");
        // Whose silence decides is waited for.
        const bool silent = test_case.says[0] == -2 && test_case.says[1] == -2;
        if (silent) options = impatient(std::move(options));
        options.servers = {
            {"127.0.0.1", first.port()}, {"127.0.0.1", second.port()}, {"127.0.0.1", third.port()}};
        net::IoThread thread{0};
        const Surroundings around{
            .thread = thread,
            .later = std::make_shared<Later>(thread),
            .options = std::make_shared<const Options>(options)};
        SentinelInquiry inquiry{around};
        std::optional<Result<ServerAddress, Complaint>> decided;
        const auto keep = [&decided](const Result<ServerAddress, Complaint>& master) {
            decided = master;
        };
        std::optional<ServerAddress> doubtful;
        if (test_case.doubtful != 0) {
            doubtful = {"127.0.0.1", static_cast<std::uint16_t>(test_case.doubtful)};
        }
        inquiry.ask(doubtful, keep);
        while (!decided) thread.context().run_one();
        EXPECT_EQ(decided->has_value() ? (*decided)->port : 0, test_case.expected);
    }
}

}  // namespace
}  // namespace postern::redis
