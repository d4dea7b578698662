#include "daemon/rate_limits.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace postern::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = RateGrant::Verdict;

constexpr TimePoint kNow = from_unix_milliseconds(1'700'000'000'250);
constexpr RatePlan kThree{.limit = 3, .window = seconds{60}, .burst = 3};
constexpr RatePlan kSlow{.limit = 5, .window = seconds{60}, .burst = 2};

TEST(RateLimits, LetAsManyInAsThePlanSays) {
    MemoryRateLimiter limiter;
    for (std::int64_t left = 2; left >= 0; --left) {
        const RateGrant grant = limiter.take({.subject = 1, .plan = kThree, .now = kNow});
        EXPECT_EQ(grant.verdict, Verdict::go_on);
        EXPECT_EQ(grant.limit, 3);
        EXPECT_EQ(grant.remaining, left);
        EXPECT_EQ(grant.reset_at, kNow + seconds{60});
    }
    const RateGrant refused =
        limiter.take({.subject = 1, .plan = kThree, .now = kNow + milliseconds{500}});
    EXPECT_EQ(refused.verdict, Verdict::wait);
    EXPECT_EQ(refused.remaining, 0);
    EXPECT_EQ(refused.retry_after, seconds{60});
    EXPECT_EQ(limiter.take({.subject = 2, .plan = kThree, .now = kNow}).verdict, Verdict::go_on);
}

TEST(RateLimits, BeginAnewWhenTheWindowEnds) {
    MemoryRateLimiter limiter;
    for (int i = 0; i < 3; ++i) limiter.take({.subject = 1, .plan = kThree, .now = kNow});
    const TimePoint end = kNow + seconds{60};
    const auto just_before =
        limiter.take({.subject = 1, .plan = kThree, .now = end - Microseconds{1}});
    EXPECT_EQ(just_before.verdict, Verdict::wait);
    EXPECT_EQ(just_before.retry_after, seconds{1});
    const auto at_end = limiter.take({.subject = 1, .plan = kThree, .now = end});
    EXPECT_EQ(at_end.verdict, Verdict::go_on);
    EXPECT_EQ(at_end.remaining, 2);
    EXPECT_EQ(at_end.reset_at, end + seconds{60});
}

TEST(RateLimits, DoNotLetASecondTakeAll) {
    MemoryRateLimiter limiter;
    const auto verdict_at = [&limiter](milliseconds after) {
        return limiter.take({.subject = 1, .plan = kSlow, .now = kNow + after});
    };
    EXPECT_EQ(verdict_at(milliseconds{0}).verdict, Verdict::go_on);
    EXPECT_EQ(verdict_at(milliseconds{10}).verdict, Verdict::go_on);
    const RateGrant refused = verdict_at(milliseconds{20});
    EXPECT_EQ(refused.verdict, Verdict::wait);
    EXPECT_EQ(refused.remaining, 3);
    EXPECT_EQ(refused.retry_after, seconds{1});
    EXPECT_EQ(verdict_at(milliseconds{1'000}).verdict, Verdict::go_on);
    EXPECT_EQ(verdict_at(milliseconds{1'010}).verdict, Verdict::go_on);
    EXPECT_EQ(verdict_at(milliseconds{2'000}).verdict, Verdict::go_on);
    EXPECT_EQ(verdict_at(milliseconds{3'000}).verdict, Verdict::wait);
}

TEST(RateLimits, DoNotPunishForAClockThatWentBack) {
    MemoryRateLimiter limiter;
    for (int i = 0; i < 3; ++i) limiter.take({.subject = 1, .plan = kThree, .now = kNow});
    const auto earlier = limiter.take({.subject = 1, .plan = kThree, .now = kNow - seconds{3'600}});
    EXPECT_EQ(earlier.verdict, Verdict::go_on);
}

TEST(RateLimits, AreLookedAtWithoutCounting) {
    MemoryRateLimiter limiter;
    for (int i = 0; i < 9; ++i) {
        EXPECT_EQ(
            limiter.look({.subject = 1, .plan = kThree, .now = kNow}).verdict, Verdict::go_on
        );
    }
    EXPECT_EQ(limiter.size(), 0u);
    for (int i = 0; i < 3; ++i) limiter.take({.subject = 1, .plan = kThree, .now = kNow});
    EXPECT_EQ(limiter.look({.subject = 1, .plan = kThree, .now = kNow}).verdict, Verdict::wait);
}

TEST(RateLimits, HoldABoundedNumberOfSubjects) {
    MemoryRateLimiter limiter;
    constexpr std::size_t bound =
        MemoryRateLimiter::kShards * MemoryRateLimiter::kSubjectsMaxPerShard;
    for (std::uint64_t subject = 0; subject < 3 * bound; ++subject) {
        const auto at = kNow + Microseconds{static_cast<std::int64_t>(subject)};
        limiter.take({.subject = subject, .plan = kThree, .now = at});
    }
    EXPECT_LE(limiter.size(), bound);
    EXPECT_GT(limiter.size(), bound / 2);
}

TEST(RateLimits, CountRightWhenManyThreadsAsk) {
    MemoryRateLimiter limiter;
    constexpr RatePlan plan{.limit = 1'000, .window = seconds{60}, .burst = 1'000};
    std::atomic<int> granted{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&limiter, &granted, &plan] {
                for (int n = 0; n < 1'000; ++n) {
                    const auto grant = limiter.take({.subject = 9, .plan = plan, .now = kNow});
                    if (grant.verdict == Verdict::go_on) ++granted;
                }
            });
        }
    }
    EXPECT_EQ(granted.load(), 1'000);
}

}  // namespace
}  // namespace postern::daemon
