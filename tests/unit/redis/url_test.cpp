#include "redis/url.hpp"

#include <gtest/gtest.h>

namespace postern::redis {
namespace {

using Topology = Options::Topology;

struct Good {
    const char* name;
    const char* url;
    Topology topology;
    std::vector<ServerAddress> servers;
    const char* user;
    const char* password;
    const char* master;
    std::uint16_t database;
    const char* described;
};

TEST(RedisUrl, UnderstandsEveryShape) {
    const Good cases[] = {
        {"a host alone",
         "redis://cache",
         Topology::single,
         {{"cache", 6379}},
         "",
         "",
         "",
         0,
         "redis://cache:6379"},
        {"everything",
         "redis://me:s%3A%40%2F@10.0.0.1:7000/5",
         Topology::single,
         {{"10.0.0.1", 7000}},
         "me",
         "s:@/",
         "",
         5,
         "redis://10.0.0.1:7000/5"},
        {"a password without a user, and a slash at the end",
         "redis://:secret@[2001:db8::1]:7000/",
         Topology::single,
         {{"2001:db8::1", 7000}},
         "",
         "secret",
         "",
         0,
         "redis://[2001:db8::1]:7000"},
        {"sentinels",
         "redis+sentinel://u:p@a,b:5000/mymaster/2",
         Topology::sentinel,
         {{"a", 26379}, {"b", 5000}},
         "u",
         "p",
         "mymaster",
         2,
         "redis+sentinel://a:26379,b:5000/mymaster/2"},
        {"a cluster",
         "redis+cluster://a:1,b,[::1]:3",
         Topology::cluster,
         {{"a", 1}, {"b", 6379}, {"::1", 3}},
         "",
         "",
         "",
         0,
         "redis+cluster://a:1,b:6379,[::1]:3"},
    };
    for (const Good& good : cases) {
        SCOPED_TRACE(good.name);
        const auto options = parse_url(good.url);
        ASSERT_TRUE(options) << options.error().message;
        EXPECT_EQ(options->topology, good.topology);
        EXPECT_EQ(options->servers, good.servers);
        EXPECT_EQ(options->credentials.user, good.user);
        EXPECT_EQ(options->credentials.password, good.password);
        EXPECT_EQ(options->master_name, good.master);
        EXPECT_EQ(options->database, good.database);
        EXPECT_EQ(describe(*options), good.described);
    }
}

TEST(RedisUrl, TakesCredentialsForTheSentinelsThemselves) {
    const auto options =
        parse_url("redis+sentinel://a/m?sentinel_user=watch&sentinel_password=p%26q");
    ASSERT_TRUE(options);
    EXPECT_EQ(options->sentinel_credentials.user, "watch");
    EXPECT_EQ(options->sentinel_credentials.password, "p&q");
}

struct Bad {
    const char* name;
    const char* url;
    const char* words;  // some of the complaint
};
constexpr Bad kBad[] = {
    {"TLS", "rediss://:secret@cache", "stunnel"},
    {"TLS to sentinels", "rediss+sentinel://:secret@a/m", "stunnel"},
    {"another scheme", "http://:secret@cache", "must begin with"},
    {"no host", "redis://", "names no host"},
    {"no host after a password", "redis://:secret@", "names no host"},
    {"a user without a password", "redis://secret@cache", "user:password"},
    {"an empty password", "redis://secret:@cache", "user:password"},
    {"a broken escape", "redis://:secret%4@cache", "user:password"},
    {"a slash in a password", "redis://:sec/ret@cache", "not understood"},
    {"a port too large", "redis://:secret@cache:65536", "not understood"},
    {"port 0", "redis://:secret@cache:0", "not understood"},
    {"a port that is none", "redis://:secret@cache:redis", "not understood"},
    {"a host with a space", "redis://:secret@ca che", "not understood"},
    {"brackets that do not close", "redis://:secret@[::1", "not understood"},
    {"words after brackets", "redis://:secret@[::1]x", "not understood"},
    {"two hosts", "redis://:secret@a,b", "takes one host"},
    {"an empty host", "redis+cluster://:secret@a,,b", "not understood"},
    {"a database that is no number", "redis://:secret@cache/zero", "not a number"},
    {"a database too large", "redis://:secret@cache/65536", "not a number"},
    {"a database of a cluster", "redis+cluster://:secret@a/1", "no databases"},
    {"sentinels without a name", "redis+sentinel://:secret@a", "name of the master"},
    {"a parameter", "redis://:secret@cache?timeout=1", "takes only"},
    {"an unknown parameter", "redis+sentinel://:secret@a/m?db=1", "takes only"},
};

TEST(RedisUrl, ComplainsWithoutRepeatingAPassword) {
    for (const Bad& bad : kBad) {
        SCOPED_TRACE(bad.name);
        const auto options = parse_url(bad.url);
        ASSERT_FALSE(options);
        const std::string& complaint = options.error().message;
        EXPECT_NE(complaint.find(bad.words), std::string::npos) << complaint;
        EXPECT_EQ(complaint.find("secret"), std::string::npos) << complaint;
    }
}

}  // namespace
}  // namespace postern::redis
