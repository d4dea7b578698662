#include "redis/client.hpp"
#include "redis/slots.hpp"
#include "tests/unit/redis/redis_server.hpp"
#include "tests/unit/redis/rig.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace postern::redis {
namespace {

// Three masters with a third of the slots each, and a replica of the first.
struct Servers {
    static constexpr std::size_t kMasters = 3;
    static constexpr std::size_t kSlotsEach = kSlots / kMasters + 1;

    Servers() {
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i] = std::make_unique<RedisServer>(arguments());
            direct[i] = std::make_unique<Rig>(all[i]->url());
        }
        for (std::size_t i = 0; i < kMasters; ++i) {
            const std::size_t last = std::min((i + 1) * kSlotsEach, kSlots) - 1;
            tell(i, {"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
            tell(
                i,
                {"CLUSTER", "ADDSLOTSRANGE", std::to_string(i * kSlotsEach), std::to_string(last)}
            );
        }
        for (std::size_t i = 1; i < all.size(); ++i) {
            tell(i, {"CLUSTER", "MEET", "127.0.0.1", std::to_string(all[0]->port())});
        }
        for (auto& rig : direct) wait_until_settled(*rig);
        tell(kMasters, {"CLUSTER", "REPLICATE", id_of(0)});
        EXPECT_TRUE(all[kMasters]->wait_for("Finished with success"));
    }

    static std::vector<std::string> arguments() {
        return {
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "4000",
            "--cluster-require-full-coverage",
            "no",
            "--repl-diskless-sync-delay",
            "0"};
    }
    static void wait_until_settled(Rig& rig) {
        for (;;) {
            const std::string info = rig.insist({"CLUSTER", "INFO"}).text;
            const auto says = [&info](const char* words) {
                return info.find(words) != std::string::npos;
            };
            if (says("_state:ok") && says("slots_ok:16384") && says("known_nodes:4")) return;
            rig.ask({"WAIT", "1", "50"});  // the server's own pause
        }
    }
    void tell(std::size_t server, const std::vector<std::string>& command) {
        const Answer answer = direct[server]->ask(command);
        EXPECT_TRUE(answer) << answer.error().reason;
    }
    std::string id_of(std::size_t server) {
        return direct[server]->insist({"CLUSTER", "MYID"}).text;
    }
    std::string url() const {
        return "redis+cluster://localhost:" + std::to_string(all[1]->port())
               + ",127.0.0.1:" + std::to_string(all[2]->port());
    }

    std::array<std::unique_ptr<RedisServer>, kMasters + 1> all;
    std::array<std::unique_ptr<Rig>, kMasters + 1> direct;
};

class RedisCluster : public testing::Test {
 protected:
    // It takes seconds to agree on itself, so that all tests share one. The last one breaks it.
    static void SetUpTestSuite() { servers = std::make_unique<Servers>(); }
    static void TearDownTestSuite() { servers.reset(); }

    static std::unique_ptr<Servers> servers;
};
std::unique_ptr<Servers> RedisCluster::servers;

std::size_t home_of(const std::string& key) {
    return slot_of(key) / Servers::kSlotsEach;
}

std::string key_at(std::size_t server) {
    for (int i = 0;; ++i) {
        std::string key = "key" + std::to_string(i);
        if (home_of(key) == server) return key;
    }
}

TEST_F(RedisCluster, AnswersFromTheServerThatHasTheKey) {
    Rig rig{servers->url()};
    for (int i = 0; i < 100; ++i) {
        const std::string key = "{" + std::to_string(i) + "}:due";
        const Answer answer = rig.ask({"SET", key, "1"}, key);
        ASSERT_TRUE(answer) << answer.error().reason;
    }
    EXPECT_TRUE(rig.client->is_up());
    for (std::size_t i = 0; i < Servers::kMasters; ++i) {
        const Reply size = servers->direct[i]->insist({"DBSIZE"});
        EXPECT_GT(size.integer, 10);
    }
}

TEST_F(RedisCluster, RunsScriptsOnEveryServer) {
    Rig rig{servers->url()};
    static constexpr Script script{"return redis.call('INCR', KEYS[1])"};
    for (std::size_t i = 0; i < 2 * Servers::kMasters; ++i) {
        const std::string key = "script:" + key_at(i % Servers::kMasters);
        const Answer answer = rig.wait_for(rig.client->run(script, {key}, {}));
        ASSERT_TRUE(answer) << answer.error().reason;
        EXPECT_EQ(answer->integer, i < Servers::kMasters ? 1 : 2);
    }
}

TEST_F(RedisCluster, CarriesMessagesFromAnyServer) {
    Rig rig{servers->url()};
    int heard = 0;
    rig.client->subscribe("news", [&heard](std::string_view) { ++heard; });
    rig.until([&rig] { return rig.ups >= 1; });
    for (std::size_t i = 0; i < Servers::kMasters; ++i) {
        const int before = heard;
        rig.until([&heard, &rig, i, before] {
            servers->direct[i]->ask({"PUBLISH", "news", "x"});
            rig.thread.context().poll();
            return heard > before;
        });
    }
}

TEST_F(RedisCluster, IsFollowedWhileASlotMoves) {
    Rig rig{servers->url()};
    const std::string tag = "{" + key_at(1) + "}";
    const std::string old_key = tag + "old";
    const std::string new_key = tag + "new";
    const std::string slot = std::to_string(slot_of(tag));
    ASSERT_TRUE(rig.ask({"SET", old_key, "1"}, old_key));
    servers->tell(2, {"CLUSTER", "SETSLOT", slot, "IMPORTING", servers->id_of(1)});
    servers->tell(1, {"CLUSTER", "SETSLOT", slot, "MIGRATING", servers->id_of(2)});
    EXPECT_EQ(text_of(rig.ask({"GET", old_key}, old_key)), "1");
    EXPECT_EQ(text_of(rig.ask({"SET", new_key, "2"}, new_key)), "OK");
    EXPECT_EQ(text_of(rig.ask({"GET", new_key}, new_key)), "2");

    std::optional<Answer> both;
    rig.begin(rig.client->call(old_key, {"MGET", old_key, new_key}), both);
    rig.ask({"GET", old_key}, old_key);
    servers->tell(
        1, {"MIGRATE", "127.0.0.1", std::to_string(servers->all[2]->port()), old_key, "0", "5000"}
    );
    for (const std::size_t server : {2U, 1U}) {
        servers->tell(server, {"CLUSTER", "SETSLOT", slot, "NODE", servers->id_of(2)});
    }
    rig.until([&both] { return both.has_value(); });
    ASSERT_TRUE(*both) << both->error().reason;
    EXPECT_EQ((*both)->items[0].text, "1");
    EXPECT_EQ((*both)->items[1].text, "2");
    EXPECT_EQ(text_of(rig.ask({"GET", old_key}, old_key)), "1");
}

TEST_F(RedisCluster, LosesOnlyWhatADeadServerHadUntilItsReplicaTakesOver) {
    Rig rig{servers->url()};
    int heard = 0;
    rig.client->subscribe("later", [&heard](std::string_view) { ++heard; });
    const std::string lost = key_at(0);
    const std::string other = key_at(1);
    ASSERT_TRUE(rig.ask({"SET", lost, "1"}, lost));
    ASSERT_TRUE(rig.ask({"SET", other, "1"}, other));
    servers->all[0]->kill();
    while (rig.ask({"SET", lost, "2"}, lost)) {
    }
    EXPECT_TRUE(rig.ask({"SET", other, "2"}, other));
    EXPECT_TRUE(rig.client->is_up());
    // Every further try waits for something to happen, so that this is no busy loop.
    rig.until([&rig, &lost] { return rig.ask({"SET", lost, "3"}, lost).has_value(); });
    EXPECT_EQ(servers->direct[Servers::kMasters]->insist({"ROLE"}).items[0].text, "master");
    rig.until([&rig, &heard] {
        rig.wait_for(rig.client->publish("later", "x"));
        return heard > 0;
    });
}

TEST(RedisClusterAddress, OfAServerThatIsInNoClusterSaysSo) {
    RedisServer server;
    Rig rig{"redis+cluster://127.0.0.1:" + std::to_string(server.port())};
    rig.until([&rig] { return rig.client->why_down().find("cluster") != std::string::npos; });
    EXPECT_FALSE(rig.client->is_up());
}

}  // namespace
}  // namespace postern::redis
