#include "config/load.hpp"

#include "tests/unit/config/config_testing.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

TEST(Load, GivesTheDefaultsForNothing) {
    const auto loaded = load(LoadInput{});
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_TRUE(*loaded == Config{});
}

TEST(Load, ReportsEveryMistakeAtOnce) {
    const auto loaded = load(input_of(
        R"(
threads = -1
[limits]
fields_max = "many"
[log]
levl = "info"
[storage]
batch_units_max = 10000
queue_units_max = 16
[[gateway]]
id = "a"
)",
        {{"POSTERN_NONSENSE", "1"}}
    ));
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().size(), 6U) << complaints_of(loaded);
}

TEST(Load, NeverRepeatsAValue) {
    const char* const texts[] = {
        "[api]\nbootstrap_secret_key = \"hunter2\"",
        "[api]\nbootstrap_secret_key = hunter2",
        "[api]\nbootstrap_secret_key = 999999999999999999999999",
        "public_url = \"https://hunter2@example.com\"",
        "[storage]\nurl = \"mysql://u:hunter2@h/d\"",
        "[queue]\nurl = \"rediss://u:hunter2@h\"",
        "[[gateway]]\nid = \"hunter2 \"\nkind = \"x\"",
        "[delivery]\nproxy_url = \"http://u:hunter2@proxy\"",
        "[delivery]\nsigning_seed = \"hunter2\"",
    };
    for (const char* text : texts) {
        const std::string complaints = complaints_of(load(input_of(text)));
        EXPECT_NE(complaints, "") << text;
        EXPECT_EQ(complaints.find("hunter2"), std::string::npos) << complaints;
        EXPECT_EQ(complaints.find("9999999"), std::string::npos) << complaints;
    }
}

TEST(Load, ReadsWhereNodesMeetAndKeepsThePasswords) {
    const auto loaded = load(input_of(
        R"(
[storage]
url_file = "store"
connections_max = 20
lock_timeout_seconds = 3
[queue]
url = "redis+sentinel://u:p@a:1,b:2/main"
prefix = "shop"
[cluster]
node_name = "north-1"
)",
        {},
        {{"/etc/postern/store", "postgres://u:p@a,b/postern?sslmode=verify-full\n"}}
    ));
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_EQ(loaded->storage.url, "postgres://u:p@a,b/postern?sslmode=verify-full");
    EXPECT_TRUE(loaded->storage.is_shared());
    EXPECT_EQ(loaded->storage.connections_max, 20);
    EXPECT_EQ(loaded->storage.lock_timeout.count(), 3);
    EXPECT_EQ(loaded->queue.prefix, "shop");
    EXPECT_EQ(loaded->cluster.node_name, "north-1");
    EXPECT_FALSE(Config{}.storage.is_shared());
}

TEST(Load, ReadsDeliveryFromTheFileAndTheEnvironment) {
    const auto loaded = load(input_of(
        R"(
[delivery]
enabled = false
allow_http = true
loopback = "never"
allowed_networks = ["10.1.0.0/16"]
proxy_url_file = "proxy"
user_agent = "Acme/2"
)",
        {{"POSTERN_DELIVERY_ENABLED", "true"},
         {"POSTERN_DELIVERY_ALLOW_HIGH_PORTS", "true"},
         {"POSTERN_DELIVERY_DENIED_NETWORKS", "192.0.2.0/24,2001:db8::/32"},
         {"POSTERN_DELIVERY_DISABLE_AFTER_HOURS", "48"},
         {"POSTERN_DELIVERY_SIGNING_SEED", std::string(64, 'a')}},
        {{"/etc/postern/proxy", "http://user:word@proxy:3128\n"}}
    ));
    ASSERT_EQ(complaints_of(loaded), "");
    const Delivery& delivery = loaded->delivery;
    EXPECT_TRUE(delivery.enabled);
    EXPECT_TRUE(delivery.allow_http);
    EXPECT_TRUE(delivery.allow_high_ports);
    EXPECT_TRUE(delivery.loopback == LoopbackDelivery::never);
    EXPECT_EQ(delivery.allowed_networks.size(), 1U);
    EXPECT_EQ(delivery.denied_networks.size(), 2U);
    EXPECT_EQ(delivery.proxy_url, "http://user:word@proxy:3128");
    EXPECT_EQ(delivery.signing_seed, std::string(64, 'a'));
    EXPECT_EQ(delivery.disable_after, std::chrono::hours{48});
    EXPECT_EQ(delivery.user_agent, "Acme/2");
}

TEST(Load, RefusesDeliverySettingsThatCannotBeMeant) {
    const char* const texts[] = {
        "enabled = \"yes\"",
        "in_flight_max = 0",
        "loopback = \"always\"",
        "allowed_networks = [\"10.1.2.3/16\"]",
        "resolvers = [\"192.0.2.1\"]",
        "resolvers = [\"192.0.2.1:0\"]",
        "proxy_url = \"socks5://proxy:1080\"",
        "signing_seed = \"abc\"",
        "disable_after_hours = 0",
        "user_agent = \"\"",
        "user_agent = \"a\\nb\"",
    };
    for (const char* text : texts) {
        SCOPED_TRACE(text);
        EXPECT_NE(complaints_of(load(input_of(std::string{"[delivery]\n"} + text))), "");
    }
    const auto loaded = load(input_of({}, {{"POSTERN_DELIVERY_ENABLED", "1"}}));
    EXPECT_NE(complaints_of(loaded), "");
}

TEST(Load, LeavesOneCoreToTheWriter) {
    EXPECT_EQ(thread_count({.threads = 0}, 1), 1U);
    EXPECT_EQ(thread_count({.threads = 0}, 8), 7U);
    EXPECT_EQ(thread_count({.threads = 0}, 0), 1U);
    EXPECT_EQ(thread_count({.threads = 5}, 2), 5U);
}

}  // namespace
}  // namespace postern::config
