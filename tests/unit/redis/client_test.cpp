#include "redis/client.hpp"

#include "tests/unit/redis/redis_server.hpp"
#include "tests/unit/redis/rig.hpp"

#include <gtest/gtest.h>

#include <list>

namespace postern::redis {
namespace {

using Kind = Failure::Kind;

TEST(RedisClient, AnswersEveryKindOfReply) {
    RedisServer server;
    Rig rig{server.url()};
    EXPECT_EQ(text_of(rig.ask({"SET", "a", "1"})), "OK");
    EXPECT_EQ(text_of(rig.ask({"GET", "a"})), "1");
    EXPECT_EQ(rig.ask({"GET", "absent"})->kind, Reply::Kind::nil);
    EXPECT_EQ(rig.ask({"INCR", "a"})->integer, 2);
    const Answer several = rig.ask({"MGET", "a", "absent"});
    ASSERT_EQ(several->items.size(), 2U);
    EXPECT_EQ(several->items[0].text, "2");
    EXPECT_EQ(several->items[1].kind, Reply::Kind::nil);
    EXPECT_EQ(failure_of(rig.ask({"LPUSH", "a", "x"})), Kind::refused);
    EXPECT_TRUE(rig.client->is_up());
    EXPECT_EQ(rig.client->why_down(), "");
}

TEST(RedisClient, KeepsBytesAsTheyAre) {
    RedisServer server;
    Rig rig{server.url()};
    const std::string bytes{"\r\n\0$5\r\n\xff", 9};
    EXPECT_TRUE(rig.ask({"SET", "bytes", bytes}));
    EXPECT_EQ(text_of(rig.ask({"GET", "bytes"})), bytes);
    EXPECT_TRUE(rig.ask({"SET", "empty", ""}));
    EXPECT_EQ(text_of(rig.ask({"GET", "empty"})), "");
}

TEST(RedisClient, CarriesMegabytesBothWays) {
    RedisServer server;
    Options options = options_for(server.url());
    Rig rig{options};
    const std::string large(32 * 1024 * 1024, 'x');
    EXPECT_TRUE(rig.ask({"SET", "large", large}));
    EXPECT_TRUE(text_of(rig.ask({"GET", "large"})) == large);
}

TEST(RedisClient, AnswersManyInTheOrderInWhichTheyWereAsked) {
    RedisServer server;
    Rig rig{server.url()};
    rig.until_up();
    std::list<std::optional<Answer>> answers;
    for (int i = 0; i < 5'000; ++i) {
        rig.begin(rig.client->call("", {"INCR", "count"}), answers.emplace_back());
    }
    rig.until([&answers] { return answers.back().has_value(); });
    std::int64_t expected = 0;
    for (const auto& answer : answers) {
        ASSERT_TRUE(answer.has_value() && answer->has_value());
        EXPECT_EQ((*answer)->integer, ++expected);
    }
}

TEST(RedisClient, RefusesMoreThanMayWait) {
    RedisServer server;
    Options options = options_for(server.url());
    options.limits.unanswered_max = 10;
    Rig rig{options};
    rig.until_up();
    std::list<std::optional<Answer>> answers;
    for (int i = 0; i < 12; ++i) {
        rig.begin(rig.client->call("", {"PING"}), answers.emplace_back());
    }
    rig.until([&answers] { return answers.front().has_value() && answers.back().has_value(); });
    EXPECT_EQ(failure_of(*answers.front()), std::nullopt);
    EXPECT_EQ(failure_of(*answers.back()), Kind::down);
    EXPECT_EQ(text_of(rig.ask({"PING"})), "PONG");
}

TEST(RedisClient, RunsScriptsAlsoAfterTheServerForgotThem) {
    RedisServer server;
    Rig rig{server.url()};
    static constexpr Script script{"return {KEYS[1], ARGV[1], #ARGV}"};
    const auto run = [&rig] {
        return rig.wait_for(rig.client->run(script, {"key"}, {"first", "second"}));
    };
    for (const char* moment : {"unknown", "known", "flushed", "known again"}) {
        SCOPED_TRACE(moment);
        if (std::string_view{moment} == "flushed") rig.ask({"SCRIPT", "FLUSH"});
        const Answer answer = run();
        ASSERT_TRUE(answer) << answer.error().reason;
        ASSERT_EQ(answer->items.size(), 3U);
        EXPECT_EQ(answer->items[0].text, "key");
        EXPECT_EQ(answer->items[1].text, "first");
        EXPECT_EQ(answer->items[2].integer, 2);
    }
    const Reply calls = rig.insist({"INFO", "commandstats"});
    EXPECT_NE(calls.text.find("cmdstat_eval:calls=2,"), std::string::npos) << calls.text;
    EXPECT_NE(calls.text.find("cmdstat_evalsha:calls=4,"), std::string::npos) << calls.text;
}

TEST(RedisClient, PassesOnWhatAScriptFailedOf) {
    RedisServer server;
    Rig rig{server.url()};
    static constexpr Script script{"return redis.error_reply('STALE fence')"};
    const Answer answer = rig.wait_for(rig.client->run(script, {"key"}, {}));
    EXPECT_EQ(failure_of(answer), Kind::refused);
    EXPECT_EQ(error_code(answer.error().reason), "STALE");
}

TEST(RedisClient, LogsInWithUserAndPassword) {
    RedisServer server{
        {"--user",
         "default",
         "off",
         "--user",
         "postern",
         "on",
         ">s3cret:/@",
         "~*",
         "&*",
         "+@all",
         "-@dangerous"}};
    Options options = options_for(server.url("postern:s3cret%3A%2F%40@") + "/3");
    options.client_name = "node-7";
    Rig rig{options};
    rig.until_up();
    EXPECT_EQ(text_of(rig.ask({"ACL", "WHOAMI"})), "postern");
    EXPECT_EQ(text_of(rig.ask({"CLIENT", "GETNAME"})), "node-7");
    EXPECT_NE(rig.insist({"CLIENT", "INFO"}).text.find(" db=3 "), std::string::npos);
}

TEST(RedisClient, SaysWhyAServerDoesNotTakeIt) {
    struct Case {
        const char* name;
        std::vector<std::string> arguments;
        std::string user_info;
        std::string path;
        const char* words;
    };
    const Case cases[] = {
        {"a wrong password",
         {"--requirepass", "right"},
         ":wrong@",
         "",
         "it refuses the user and password (WRONGPASS)"},
        {"no password", {"--requirepass", "right"}, "", "", "it wants a password"},
        {"a database too many", {"--databases", "2"}, "", "/5", "it refuses the database (ERR)"},
        {"AUTH itself is unknown, and its refusal repeats the password",
         {"--rename-command", "AUTH", ""},
         ":topsecret@",
         "",
         "it refuses the user and password (ERR)"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        RedisServer server{test_case.arguments};
        Rig rig{server.url(test_case.user_info) + test_case.path};
        const Answer answer = rig.ask({"PING"});
        EXPECT_EQ(failure_of(answer), Kind::down);
        EXPECT_EQ(text_of(answer), std::string{"failed: "} + test_case.words);
        EXPECT_EQ(rig.client->why_down(), test_case.words);
        EXPECT_FALSE(rig.client->is_up());
    }
}

TEST(RedisClient, ComesBackAfterTheServerDid) {
    RedisServer server;
    Rig rig{server.url()};
    rig.until_up();
    server.kill();
    rig.until([&rig] { return !rig.client->is_up(); });
    EXPECT_EQ(failure_of(rig.ask({"PING"})), Kind::down);
    server.start();
    rig.until_up();
    rig.until([&rig] { return rig.ups == 2; });
    EXPECT_EQ(text_of(rig.ask({"PING"})), "PONG");
}

TEST(RedisClient, WaitsForAServerThatIsNotThereYet) {
    RedisServer server;
    server.kill();
    Rig rig{server.url()};
    const Answer answer = rig.ask({"PING"});
    EXPECT_EQ(failure_of(answer), Kind::down);
    EXPECT_EQ(text_of(answer), "failed: cannot connect: Connection refused");
    server.start();
    rig.until_up();
    EXPECT_EQ(text_of(rig.ask({"PING"})), "PONG");
}

TEST(RedisClient, AnswersDownWhenItsConnectionIsKilled) {
    RedisServer server;
    Rig rig{server.url()};
    Rig other{server.url()};
    rig.until_up();
    std::optional<Answer> pending;
    rig.begin(rig.client->call("", {"BLPOP", "nothing", "0"}), pending);
    rig.thread.context().poll();
    other.insist({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    rig.until([&pending] { return pending.has_value(); });
    EXPECT_EQ(failure_of(*pending), Kind::down);
    rig.until_up();
    EXPECT_EQ(text_of(rig.ask({"PING"})), "PONG");
}

TEST(RedisClient, CutsAServerThatDoesNotAnswerInTime) {
    RedisServer server;
    Rig rig{impatient(options_for(server.url()))};
    rig.until_up();
    server.freeze();
    EXPECT_EQ(failure_of(rig.ask({"PING"})), Kind::timeout);
    EXPECT_FALSE(rig.client->is_up());
    server.thaw();
    EXPECT_EQ(rig.insist({"PING"}).text, "PONG");
}

TEST(RedisClient, NoticesAFrozenServerAlsoWhenNobodyAsks) {
    RedisServer server;
    Rig rig{impatient(options_for(server.url()))};
    rig.until_up();
    server.freeze();
    rig.until([&rig] { return !rig.client->is_up(); });
    EXPECT_EQ(rig.client->why_down(), "no answer within 300 ms");
    server.thaw();
    rig.until_up();
}

TEST(RedisClient, LivesThroughSilenceByPings) {
    RedisServer server;
    Rig rig{server.url()};
    Rig other{server.url()};
    rig.until_up();
    // One was the greeting of each of the two.
    const auto pinged_twice = [&other] {
        const std::string calls = other.insist({"INFO", "commandstats"}).text;
        return calls.find("cmdstat_ping:calls=4,") != std::string::npos;
    };
    rig.until(pinged_twice);
    EXPECT_TRUE(rig.client->is_up());
    EXPECT_EQ(rig.ups, 1);
}

TEST(RedisClient, LeavesAServerThatBecameAReplica) {
    RedisServer master;
    RedisServer server;
    Rig rig{server.url()};
    rig.until_up();
    Rig other{server.url()};
    other.insist({"REPLICAOF", "127.0.0.1", std::to_string(master.port())});
    other.client->stop();
    Answer answer = rig.ask({"SET", "a", "1"});
    EXPECT_EQ(failure_of(answer), Kind::down);
    EXPECT_EQ(error_code(answer.error().reason), "READONLY");
    EXPECT_FALSE(rig.client->is_up());
}

TEST(RedisClient, SaysWhatHindersTheServerAndStays) {
    RedisServer server{{"--maxmemory", "1", "--maxmemory-policy", "noeviction"}};
    Rig rig{server.url()};
    const Answer answer = rig.ask({"SET", "a", "1"});
    EXPECT_EQ(failure_of(answer), Kind::down);
    EXPECT_EQ(error_code(answer.error().reason), "OOM");
    EXPECT_TRUE(rig.client->is_up());
}

TEST(RedisClient, AnswersWhoeverWaitsWhenItStops) {
    RedisServer server;
    Rig rig{server.url()};
    rig.until_up();
    std::optional<Answer> pending;
    std::optional<Answer> late;
    rig.begin(rig.client->call("", {"BLPOP", "nothing", "0"}), pending);
    rig.thread.context().poll();
    rig.client->stop();
    rig.until([&pending] { return pending.has_value(); });
    EXPECT_EQ(failure_of(*pending), Kind::down);
    EXPECT_FALSE(rig.client->is_up());
    EXPECT_EQ(failure_of(rig.ask({"PING"})), Kind::down);
    rig.begin(rig.client->call("", {"PING"}), late);
    rig.client.reset();
    rig.until([&late] { return late.has_value(); });
    EXPECT_EQ(failure_of(*late), Kind::down);
}

net::Task<Answer> destroy_when_answered(Rig& rig) {
    std::vector<std::string> command{"PING"};
    Answer answer = co_await rig.client->call(std::string{}, std::move(command));
    rig.client.reset();
    co_return answer;
}

TEST(RedisClient, MayBeDestroyedByWhoeverItAnswers) {
    RedisServer server;
    Rig rig{server.url()};
    std::optional<Answer> first;
    std::optional<Answer> second;
    rig.begin(destroy_when_answered(rig), first);
    rig.begin(rig.client->call("", {"PING"}), second);
    rig.until([&first, &second] { return first && second; });
    EXPECT_EQ(failure_of(*first), std::nullopt);
}

TEST(RedisClient, HearsWhatIsPublishedAlsoAfterReconnecting) {
    RedisServer server;
    Rig rig{server.url()};
    std::vector<std::string> heard;
    rig.client->subscribe("news", [&heard](std::string_view text) { heard.emplace_back(text); });
    rig.client->subscribe("other", [&heard](std::string_view) { heard.emplace_back("other"); });
    rig.until([&rig] { return rig.ups == 2; });  // commands, and messages
    EXPECT_EQ(rig.wait_for(rig.client->publish("news", "one"))->integer, 1);
    rig.until([&heard] { return heard.size() == 1; });
    rig.insist({"CLIENT", "KILL", "TYPE", "pubsub"});
    rig.until([&rig] { return rig.ups == 3; });
    EXPECT_EQ(rig.wait_for(rig.client->publish("news", "two"))->integer, 1);
    rig.until([&heard] { return heard.size() == 2; });
    server.kill();
    rig.until([&rig] { return !rig.client->is_up(); });
    server.start();
    rig.until([&rig] { return rig.ups == 5; });
    EXPECT_EQ(rig.wait_for(rig.client->publish("news", "three"))->integer, 1);
    EXPECT_EQ(rig.wait_for(rig.client->publish("other", "three"))->integer, 1);
    rig.until([&heard] { return heard.size() == 4; });
    EXPECT_EQ(heard, (std::vector<std::string>{"one", "two", "three", "other"}));
}

TEST(RedisClient, NoticesThatTheConnectionForMessagesFroze) {
    RedisServer server;
    Rig rig{impatient(options_for(server.url()))};
    int heard = 0;
    rig.client->subscribe("news", [&heard](std::string_view) { ++heard; });
    rig.until([&rig] { return rig.ups == 2; });
    server.freeze();
    rig.until([&rig] { return !rig.client->is_up(); });
    server.thaw();
    rig.until([&rig, &heard] {
        rig.ask({"PUBLISH", "news", "again"});
        return heard > 0;
    });
}

TEST(RedisClient, FindsAServerByName) {
    RedisServer server;
    Rig rig{"redis://localhost:" + std::to_string(server.port())};
    rig.until_up();
    EXPECT_EQ(text_of(rig.ask({"PING"})), "PONG");
    Rig lost{"redis://nobody.invalid"};
    EXPECT_EQ(text_of(lost.ask({"PING"})), "failed: its name is not known");
}

}  // namespace
}  // namespace postern::redis
