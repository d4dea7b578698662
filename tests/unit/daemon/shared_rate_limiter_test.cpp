#include "daemon/shared_rate_limiter.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = RateGrant::Verdict;

// The first second of a whole minute.
constexpr TimePoint kNow = from_unix_milliseconds(1'700'000'040'250);
constexpr RatePlan kThree{.limit = 3, .window = seconds{60}, .burst = 3};
constexpr RatePlan kSlow{.limit = 5, .window = seconds{60}, .burst = 2};

class SharedRateLimiterTest : public ::testing::Test {
 protected:
    RateGrant take(const RatePlan& plan, TimePoint now) {
        return limiter_.take({.subject = 1, .plan = plan, .now = now});
    }

    cluster::SharedCounts counts_;
    SharedRateLimiter limiter_{counts_};
};

TEST_F(SharedRateLimiterTest, LetsAsManyInAsThePlanSays) {
    for (std::int64_t left = 2; left >= 0; --left) {
        const RateGrant grant = take(kThree, kNow);
        EXPECT_EQ(grant.verdict, Verdict::go_on);
        EXPECT_EQ(grant.limit, 3);
        EXPECT_EQ(grant.remaining, left);
    }
    const RateGrant refused = take(kThree, kNow + milliseconds{500});
    EXPECT_EQ(refused.verdict, Verdict::wait);
    EXPECT_EQ(refused.remaining, 0);
    EXPECT_EQ(refused.reset_at, from_unix_seconds(1'700'000'100));
    EXPECT_EQ(refused.retry_after, seconds{60});
    EXPECT_EQ(take(kThree, refused.reset_at).verdict, Verdict::go_on);
}

TEST_F(SharedRateLimiterTest, HoldsTheSecondsLimitToo) {
    EXPECT_EQ(take(kSlow, kNow).verdict, Verdict::go_on);
    EXPECT_EQ(take(kSlow, kNow).verdict, Verdict::go_on);
    const RateGrant refused = take(kSlow, kNow);
    EXPECT_EQ(refused.verdict, Verdict::wait);
    EXPECT_EQ(refused.remaining, 3);
    EXPECT_EQ(refused.retry_after, seconds{1});
    EXPECT_EQ(take(kSlow, kNow + seconds{1}).verdict, Verdict::go_on);
}

TEST_F(SharedRateLimiterTest, LooksWithoutCounting) {
    for (int i = 0; i < 9; ++i) {
        const RateGrant grant = limiter_.look({.subject = 1, .plan = kThree, .now = kNow});
        EXPECT_EQ(grant.verdict, Verdict::go_on);
        EXPECT_EQ(grant.remaining, 3);
    }
}

TEST_F(SharedRateLimiterTest, LetsInOneNodesPartWhileTheOthersAreNotSeen) {
    counts_.share_among(3);
    EXPECT_EQ(take(kThree, kNow).verdict, Verdict::go_on);
    EXPECT_EQ(take(kThree, kNow).verdict, Verdict::wait);
}

}  // namespace
}  // namespace postern::daemon
