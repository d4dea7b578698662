#include "dispatch/lane.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace postern::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow = from_unix_seconds(1'750'000'000);

struct OriginCase {
    const char* name;
    std::string_view url;
    std::string_view origin;
};

constexpr OriginCase kOriginCases[] = {
    {"the port of https is meant", "https://a.example/x", "https://a.example:443"},
    {"the port of http is meant", "http://a.example", "http://a.example:80"},
    {"a port is kept", "https://a.example:8443/x:9", "https://a.example:8443"},
    {"case does not matter", "HTTPS://A.Example/X", "https://a.example:443"},
    {"a query ends the host", "https://a.example?x=/", "https://a.example:443"},
    {"an address in brackets", "https://[2001:db8::1]/x", "https://[2001:db8::1]:443"},
    {"an address in brackets with a port", "https://[::1]:8443", "https://[::1]:8443"},
    {"no URL at all", "A.example", "a.example"},
};

TEST(OriginOfUrl, IsSchemeHostAndPort) {
    for (const OriginCase& test_case : kOriginCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(origin_of_url(test_case.url), test_case.origin);
    }
}

int calls_within(RateBucket& bucket, TimePoint begin, std::chrono::microseconds duration) {
    int calls = 0;
    for (TimePoint now = begin; now < begin + duration; now += 1ms) {
        for (; bucket.next_at(now) <= now; ++calls) bucket.take(now);
    }
    return calls;
}

TEST(RateBucket, LetsItsRateThroughAndATenthMoreAtOnce) {
    RateBucket slow{1};
    EXPECT_EQ(calls_within(slow, kNow, 10s), 10);
    RateBucket fast{500};
    EXPECT_EQ(calls_within(fast, kNow, 1s), 549);
    EXPECT_EQ(calls_within(fast, kNow + 1s, 1s), 500);
}

TEST(RateBucket, HasNoLimitAtZero) {
    RateBucket bucket{0};
    for (int i = 0; i < 1'000; ++i) {
        ASSERT_LE(bucket.next_at(kNow), kNow);
        bucket.take(kNow);
    }
}

TEST(RateBucket, DoesNotWaitForAClockThatWasSetBack) {
    RateBucket bucket{2};
    bucket.take(kNow + 24h);
    EXPECT_LE(bucket.next_at(kNow), kNow);
    bucket.take(kNow);
    EXPECT_EQ(bucket.next_at(kNow), kNow + 500ms);
}

}  // namespace
}  // namespace postern::dispatch
