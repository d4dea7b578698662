#include "redis/client.hpp"
#include "tests/unit/redis/redis_server.hpp"
#include "tests/unit/redis/rig.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace postern::redis {
namespace {

// A master with a replica, and three sentinels that decide quickly.
class RedisSentinel : public testing::Test {
 protected:
    RedisSentinel() {
        EXPECT_TRUE(replica.wait_for("Finished with success"));
        for (auto& sentinel : sentinels) {
            sentinel = std::make_unique<RedisServer>(
                RedisServer::Program::sentinel, configuration(master.port())
            );
            Rig to_sentinel{sentinel->url()};
            const char* hurry[] = {"publish-period", "info-period", "ping-period", "ask-period"};
            for (const char* period : hurry) {
                EXPECT_TRUE(to_sentinel.ask({"SENTINEL", "DEBUG", period, "100"}));
            }
        }
        for (auto& sentinel : sentinels) {
            EXPECT_TRUE(sentinel->wait_for("+slave"));
            EXPECT_TRUE(sentinel->wait_for("+sentinel sentinel", 2));
        }
    }

    static std::string configuration(std::uint16_t port) {
        return "sentinel monitor mymaster 127.0.0.1 " + std::to_string(port)
               + " 2\n"
                 "sentinel down-after-milliseconds mymaster 3000\n"
                 "sentinel failover-timeout mymaster 2000\n"
                 "sentinel auth-pass mymaster secret\n";
    }
    static std::vector<std::string> arguments() {
        return {
            "--requirepass",
            "secret",
            "--masterauth",
            "secret",
            "--repl-diskless-sync-delay",
            "0",
            "--repl-ping-replica-period",
            "1"};
    }
    static std::vector<std::string> replica_of(std::uint16_t port) {
        auto words = arguments();
        words.push_back("--replicaof");
        words.push_back("127.0.0.1");
        words.push_back(std::to_string(port));
        return words;
    }
    Options options() const {
        std::string url{"redis+sentinel://:secret@"};
        for (const auto& sentinel : sentinels) {
            if (url.back() != '@') url += ',';
            url += "127.0.0.1:" + std::to_string(sentinel->port());
        }
        return options_for(url + "/mymaster");
    }
    static std::string port_of(Rig& rig) {
        return rig.insist({"CONFIG", "GET", "port"}).items[1].text;
    }

    RedisServer master{arguments()};
    RedisServer replica{replica_of(master.port())};
    std::array<std::unique_ptr<RedisServer>, 3> sentinels;
};

TEST_F(RedisSentinel, IsFollowedToTheNewMasterWhenTheOldOneDies) {
    sentinels[0]->kill();  // two of three decide, and one that does not answer delays nobody
    Rig rig{options()};
    int heard = 0;
    rig.client->subscribe("news", [&heard](std::string_view) { ++heard; });
    EXPECT_EQ(text_of(rig.ask({"SET", "a", "1"})), "OK");
    EXPECT_EQ(port_of(rig), std::to_string(master.port()));
    rig.until([&rig] { return rig.ups == 2; });
    master.kill();
    rig.until([&rig] { return !rig.client->is_up(); });
    EXPECT_EQ(failure_of(rig.ask({"SET", "a", "2"})), Failure::Kind::down);
    rig.until_up();
    EXPECT_EQ(text_of(rig.ask({"SET", "a", "2"})), "OK");
    EXPECT_EQ(port_of(rig), std::to_string(replica.port()));
    rig.until([&rig] { return rig.ups >= 4; });
    EXPECT_EQ(rig.wait_for(rig.client->publish("news", "x"))->integer, 1);
    rig.until([&heard] { return heard == 1; });
}

TEST_F(RedisSentinel, TellsUsOfAMasterThatOnlySeemsToLive) {
    Options patient = options();
    patient.limits.command_timeout = std::chrono::minutes{10};
    patient.limits.ping_after = std::chrono::minutes{10};
    Rig rig{patient};
    rig.until_up();
    master.freeze();
    rig.until([&rig] { return rig.ups >= 2; });
    EXPECT_EQ(port_of(rig), std::to_string(replica.port()));
}

TEST_F(RedisSentinel, IsNotBelievedBlindly) {
    Rig rig{options()};
    rig.until_up();
    // What the sentinels call a master has become a replica, which they are about to notice.
    Rig other{master.url(":secret@")};
    other.insist({"REPLICAOF", "127.0.0.1", std::to_string(replica.port())});
    rig.insist({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"});
    rig.until([&rig] { return rig.client->why_down() == "it is not the master"; });
    EXPECT_EQ(failure_of(rig.ask({"SET", "a", "1"})), Failure::Kind::down);
}

TEST_F(RedisSentinel, MayNotKnowTheMaster) {
    Options wrong = options();
    wrong.master_name = "another";
    Rig rig{wrong};
    EXPECT_EQ(text_of(rig.ask({"PING"})), "failed: no sentinel knows the master another");
    EXPECT_EQ(rig.client->why_down(), "no sentinel knows the master another");
}

}  // namespace
}  // namespace postern::redis
