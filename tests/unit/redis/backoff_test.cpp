#include "redis/backoff.hpp"

#include <gtest/gtest.h>

#include <set>

namespace postern::redis {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesUpToItsEnd) {
    Backoff backoff{{.first = milliseconds{50}, .longest = milliseconds{2'000}}};
    for (const int whole : {50, 100, 200, 400, 800, 1'600, 2'000, 2'000, 2'000}) {
        const auto pause = backoff.next();
        EXPECT_GE(pause, milliseconds{whole / 2});
        EXPECT_LE(pause, milliseconds{whole});
    }
    for (int i = 0; i < 1'000; ++i) EXPECT_LE(backoff.next(), milliseconds{2'000});
    backoff.reset();
    EXPECT_LE(backoff.next(), milliseconds{50});
}

TEST(Backoff, IsNotTheSameForEverybody) {
    std::set<milliseconds> pauses;
    for (int i = 0; i < 20; ++i) {
        Backoff backoff{{.first = milliseconds{100'000}, .longest = milliseconds{100'000}}};
        pauses.insert(backoff.next());
    }
    EXPECT_GT(pauses.size(), 1U);
}

}  // namespace
}  // namespace postern::redis
