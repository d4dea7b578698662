#include "redis/slots.hpp"

#include <gtest/gtest.h>

namespace postern::redis {
namespace {

TEST(Slots, AreThoseOfTheServers) {
    struct Case {
        const char* key;
        std::uint16_t slot;
    };
    constexpr Case cases[] = {
        {"123456789", 12739},
        {"foo", 12182},
        {"", 0},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.key);
        EXPECT_EQ(slot_of(test_case.key), test_case.slot);
    }
}

TEST(Slots, GoByTheFirstTag) {
    struct Case {
        const char* key;
        std::uint16_t slot;
    };
    const Case cases[] = {
        {"{postern:3}:due", slot_of("postern:3")},
        {"a{b}c", slot_of("b")},
        {"foo{{bar}}zap", slot_of("{bar")},
        {"foo{bar}{zap}", slot_of("bar")},
        {"foo{}{bar}", 8363},
        {"foo{bar", 15278},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.key);
        EXPECT_EQ(slot_of(test_case.key), test_case.slot);
    }
}

Reply text(std::string value) {
    return {.kind = Reply::Kind::text, .text = std::move(value)};
}

Reply integer(std::int64_t value) {
    return {.kind = Reply::Kind::integer, .integer = value};
}

Reply array(std::vector<Reply> items) {
    return {.kind = Reply::Kind::array, .items = std::move(items)};
}

Reply range(std::int64_t first, std::int64_t last, Reply host, std::int64_t port) {
    return array(
        {integer(first),
         integer(last),
         array({std::move(host), integer(port), text("id"), array({})}),
         array({text("replica"), integer(9), text("id")})}
    );
}

TEST(SlotMap, KnowsWhoHasWhat) {
    const Reply reply = array(
        {range(0, 99, text("a"), 1),
         range(100, 100, text(""), 2),
         range(200, 16383, Reply{}, 3),
         range(101, 101, text("a"), 1)}
    );
    auto map = SlotMap::parse(reply, "asked");
    ASSERT_TRUE(map);
    EXPECT_EQ(map->masters().size(), 3U);
    EXPECT_EQ(*map->owner(0), (ServerAddress{"a", 1}));
    EXPECT_EQ(*map->owner(99), (ServerAddress{"a", 1}));
    EXPECT_EQ(*map->owner(100), (ServerAddress{"asked", 2}));
    EXPECT_EQ(*map->owner(101), (ServerAddress{"a", 1}));
    EXPECT_EQ(map->owner(102), nullptr);
    EXPECT_EQ(*map->owner(16383), (ServerAddress{"asked", 3}));
    map->move(102, {"new", 4});
    EXPECT_EQ(*map->owner(102), (ServerAddress{"new", 4}));
    EXPECT_TRUE(map->has({"new", 4}));
    EXPECT_FALSE(map->has({"replica", 9}));
}

TEST(SlotMap, RefusesWhatItDoesNotUnderstand) {
    const Reply cases[] = {
        text("OK"),
        array({}),
        array({integer(1)}),
        array({array({integer(0), integer(1)})}),
        array({array({integer(0), integer(1), array({text("a")})})}),
        array({range(0, 16384, text("a"), 1)}),
        array({range(-1, 5, text("a"), 1)}),
        array({range(0, 5, text("a"), 0)}),
        array({range(0, 5, text("a"), 65536)}),
    };
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        SCOPED_TRACE(i);
        EXPECT_FALSE(SlotMap::parse(cases[i], "asked"));
    }
}

TEST(Redirection, IsReadFromTheError) {
    using Kind = Redirection::Kind;
    struct Case {
        const char* error;
        std::optional<Redirection> expected;
    };
    const Case cases[] = {
        {"MOVED 3999 127.0.0.1:6381", Redirection{Kind::moved, 3999, {"127.0.0.1", 6381}}},
        {"ASK 1 host.example:1", Redirection{Kind::ask, 1, {"host.example", 1}}},
        {"MOVED 1 2001:db8::1:6381", Redirection{Kind::moved, 1, {"2001:db8::1", 6381}}},
        {"MOVED 1 :6381", Redirection{Kind::moved, 1, {"asked", 6381}}},
        {"MOVED 16384 a:1", std::nullopt},
        {"MOVED 1 a:0", std::nullopt},
        {"MOVED 1 a", std::nullopt},
        {"MOVED", std::nullopt},
        {"MOVED a:1", std::nullopt},
        {"ERR MOVED 1 a:1", std::nullopt},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.error);
        EXPECT_EQ(parse_redirection(test_case.error, "asked"), test_case.expected);
    }
}

}  // namespace
}  // namespace postern::redis
