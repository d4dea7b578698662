#include "redis/client.hpp"
#include "tests/unit/net/fake_server.hpp"
#include "tests/unit/redis/rig.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace postern::redis {
namespace {

using Kind = Failure::Kind;

bool hear(net::FakePeer& peer, std::string_view words) {
    std::string heard;
    while (heard.find(words) == std::string::npos) {
        const auto more = peer.read_some();
        if (!more) return false;
        heard += *more;
    }
    return true;
}

bool greet(net::FakePeer& peer) {
    return hear(peer, "PING") && peer.send("+OK\r\n+PONG\r\n");
}

Options options_of(const net::FakeServer& server) {
    Options options = options_for("redis://127.0.0.1:" + std::to_string(server.port()));
    options.limits.reply_bytes_max = 1024 * 1024;
    options.limits.reply_items_max = 1'000;
    return options;
}

enum class Then { silence, close, reset };

struct Case {
    const char* name;
    std::string answer;
    Then then;
    Kind failure;
    const char* reason;  // how it begins
};

std::string many_items() {
    std::string text{"*2000\r\n"};
    for (int i = 0; i < 2'000; ++i) text += ":1\r\n";
    return text;
}

TEST(StrangeServers, AreLeftWithAReason) {
    const char* strange = "what it sends is not understood: ";
    const Case cases[] = {
        {"no protocol", "HTTP/1.1 400\r\n", Then::silence, Kind::down, strange},
        {"a broken number", ":1x\r\n", Then::silence, Kind::down, strange},
        {"a count without end", "*99999999999999\r\n", Then::silence, Kind::down, strange},
        {"too many items", many_items(), Then::silence, Kind::down, strange},
        {"too many bytes",
         "$3000000\r\n" + std::string(2'000'000, 'x'),
         Then::silence,
         Kind::down,
         strange},
        {"half an answer, and the end", "$10\r\nabc", Then::close, Kind::down, "the server ended"},
        {"no answer, and the end", "", Then::close, Kind::down, "the server ended"},
        {"no answer, and a reset", "", Then::reset, Kind::down, "cannot receive: "},
        {"half an answer, and silence", "$10\r\nabc", Then::silence, Kind::timeout, "no answer"},
        {"silence", "", Then::silence, Kind::timeout, "no answer within 300 ms"},
        {"it became a replica",
         "-READONLY You can't write\r\n",
         Then::silence,
         Kind::down,
         "READONLY"},
        {"its master is gone", "-MASTERDOWN Link\r\n", Then::silence, Kind::down, "MASTERDOWN"},
        {"it loads", "-LOADING Redis is\r\n", Then::silence, Kind::down, "LOADING"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        net::FakeServer server{[&test_case](net::FakePeer& peer, int number) {
            if (!greet(peer) || !hear(peer, "GET")) return;
            if (number > 0) {
                peer.send("+well\r\n");
            } else {
                peer.send(test_case.answer);
                if (test_case.then == Then::close) return peer.close();
                if (test_case.then == Then::reset) return peer.reset();
            }
            peer.wait_for_end();
        }};
        const bool late = test_case.failure == Kind::timeout;
        Options options = options_of(server);
        if (late) options.limits.command_timeout = std::chrono::milliseconds{300};
        Rig rig{options};
        rig.until_up();
        const Answer answer = rig.ask({"GET", "key"});
        EXPECT_EQ(failure_of(answer), test_case.failure);
        EXPECT_EQ(answer.error().reason.rfind(test_case.reason, 0), 0U) << answer.error().reason;
        EXPECT_FALSE(rig.client->is_up());
        EXPECT_EQ(rig.insist({"GET", "key"}).text, "well");
    }
}

TEST(StrangeServers, MayNotAnswerWhatNobodyAsked) {
    net::FakeServer server{[](net::FakePeer& peer, int) {
        if (!greet(peer) || !hear(peer, "GET")) return;
        peer.send("+well\r\n+and more\r\n");
        peer.wait_for_end();
    }};
    Rig rig{options_of(server)};
    EXPECT_EQ(text_of(rig.ask({"GET", "key"})), "well");
    rig.until([&rig] { return !rig.client->is_up(); });
    EXPECT_EQ(rig.client->why_down(), "it answered what nobody had asked");
}

TEST(StrangeServers, AreNotWaitedForWhenTheyTakeAndSayNothing) {
    net::FakeServer server{[](net::FakePeer& peer, int number) {
        if (number > 0) greet(peer);
        peer.wait_for_end();
    }};
    Rig rig{impatient(options_of(server))};
    const Answer answer = rig.ask({"GET", "key"});
    EXPECT_EQ(failure_of(answer), Kind::down);
    EXPECT_EQ(answer.error().reason, "it could not be used within 300 ms");
    rig.until_up();
}

TEST(StrangeServers, MayTurnEverybodyAway) {
    net::FakeServer server{[](net::FakePeer& peer, int) {
        if (hear(peer, "PING")) peer.send("-ERR max number of clients reached\r\n");
    }};
    Rig rig{options_of(server)};
    EXPECT_EQ(text_of(rig.ask({"GET", "key"})), "failed: ERR max number of clients reached");
}

TEST(StrangeServers, AreTriedAgainWhileTheyLoad) {
    net::FakeServer server{[](net::FakePeer& peer, int number) {
        if (!hear(peer, "PING")) return;
        peer.send(number < 3 ? "+OK\r\n-LOADING Redis is loading\r\n" : "+OK\r\n+PONG\r\n");
        peer.wait_for_end();
    }};
    Rig rig{options_of(server)};
    rig.until_up();
    EXPECT_EQ(server.connections(), 4);
}

TEST(StrangeServers, GetEverythingOfATurnAtOnce) {
    std::atomic<int> reads{0};
    net::FakeServer server{[&reads](net::FakePeer& peer, int) {
        if (!greet(peer)) return;
        std::string heard;
        std::size_t answered = 0;
        while (answered < 20) {
            const auto more = peer.read_some();
            if (!more) return;
            ++reads;
            heard += *more;
            for (std::size_t at = heard.find("GET"); at != std::string::npos;
                 at = heard.find("GET", at + 3)) {
                ++answered;
            }
            heard.clear();
        }
        for (int i = 0; i < 20; ++i) peer.send(":1\r\n");
        peer.wait_for_end();
    }};
    Rig rig{options_of(server)};
    rig.until_up();
    std::vector<std::optional<Answer>> answers(20);
    for (auto& answer : answers) rig.begin(rig.client->call("", {"GET", "key"}), answer);
    rig.until([&answers] { return answers.back().has_value(); });
    EXPECT_EQ(reads, 1);
}

}  // namespace
}  // namespace postern::redis
