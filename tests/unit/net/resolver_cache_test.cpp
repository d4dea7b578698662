#include "net/resolver_cache.hpp"

#include <gtest/gtest.h>

namespace postern::net {
namespace {

using std::chrono::seconds;

const ResolverCache::TimePoint kStart{};

ResolverCache::Answer answer_until(ResolverCache::TimePoint expires_at) {
    return {{.kind = Resolved::Kind::not_found}, expires_at};
}

TEST(ResolverCache, GivesAnAnswerUntilItExpires) {
    ResolverCache cache{10};
    cache.keep("a.example", answer_until(kStart + seconds{5}));
    EXPECT_NE(cache.find("a.example", kStart + seconds{4}), nullptr);
    EXPECT_EQ(cache.find("a.example", kStart + seconds{5}), nullptr);
    EXPECT_EQ(cache.size(), 0U);
}

TEST(ResolverCache, MakesRoomByForgettingTheOldest) {
    ResolverCache cache{2};
    cache.keep("a.example", answer_until(kStart + seconds{5}));
    cache.keep("b.example", answer_until(kStart + seconds{5}));
    cache.keep("a.example", answer_until(kStart + seconds{9}));  // is now younger than b
    cache.keep("c.example", answer_until(kStart + seconds{5}));
    EXPECT_EQ(cache.find("b.example", kStart), nullptr);
    EXPECT_NE(cache.find("a.example", kStart), nullptr);
    EXPECT_NE(cache.find("c.example", kStart), nullptr);
    EXPECT_EQ(cache.size(), 2U);
}

TEST(ResolverCache, KeepsNothingWhenItHasNoRoom) {
    ResolverCache cache{0};
    cache.keep("a.example", answer_until(kStart + seconds{5}));
    EXPECT_EQ(cache.find("a.example", kStart), nullptr);
}

}  // namespace
}  // namespace postern::net
