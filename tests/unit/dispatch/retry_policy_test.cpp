#include "dispatch/retry_policy.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace postern::dispatch {
namespace {

using namespace std::chrono_literals;

struct Case {
    const char* name;
    std::int64_t attempts_done;
    double spread;
    Microseconds delay;
};

constexpr Case kCases[] = {
    {"the first attempt is made at once", 0, 0.9, 0s},
    {"the middle of the spread is the delay itself", 1, 0.5, 5s},
    {"the least spread is a fifth less", 1, 0.0, 4s},
    {"the spread stays below a fifth more", 2, 0.75, 330s},
    {"a spread outside its range is brought into it", 2, 7.0, 360s},
    {"the last delay of the schedule", 9, 0.5, 24h},
    {"beyond the schedule the last delay stands", 400, 0.5, 24h},
    {"a count below zero is the first attempt", -3, 0.5, 0s},
};

TEST(RetryPolicy, SpreadsTheDelayOfEachAttempt) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(
            delay_before_next(RetryPolicy{}, test_case.attempts_done, test_case.spread),
            test_case.delay
        );
    }
}

TEST(RetryPolicy, HasNoDelayWithoutASchedule) {
    EXPECT_EQ(delay_before_next(RetryPolicy{.delays = {}}, 1, 0.5), Microseconds{0});
}

}  // namespace
}  // namespace postern::dispatch
