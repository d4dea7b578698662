#include "dispatch/breaker.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace postern::dispatch {
namespace {

using Change = Breaker::Change;
using Signal = Breaker::Signal;
using State = Breaker::State;
using namespace std::chrono_literals;

constexpr TimePoint kNow = from_unix_seconds(1'750'000'000);
constexpr std::int64_t kAll = 8;

Breaker fresh_breaker() {
    return Breaker{BreakerLimits{}, kAll, Breaker::Start{}};
}

Breaker opened_breaker() {
    Breaker breaker = fresh_breaker();
    for (int i = 0; i < 10; ++i) breaker.completed(Signal::failure, kNow + i * 2s);
    return breaker;
}

constexpr TimePoint kOpened = kNow + 18s;

TEST(Breaker, OpensAfterARowOfFailuresThatLastsAWhile) {
    Breaker breaker = fresh_breaker();
    EXPECT_EQ(breaker.in_flight_allowed(kNow), kAll);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(breaker.completed(Signal::failure, kNow + 9s), Change::none);
    }
    EXPECT_EQ(breaker.completed(Signal::failure, kNow + 19s), Change::opened);
    EXPECT_EQ(breaker.state(kNow + 19s), State::open);
    EXPECT_EQ(breaker.in_flight_allowed(kNow + 19s), 0);
    EXPECT_EQ(breaker.not_before(), kNow + 34s);
    EXPECT_EQ(breaker.failing_since(), kNow + 9s);
    EXPECT_EQ(breaker.failures(), 21);
    EXPECT_EQ(breaker.openings(), 1);
}

TEST(Breaker, ForgetsFailuresAtASuccess) {
    Breaker breaker = fresh_breaker();
    for (int i = 0; i < 9; ++i) breaker.completed(Signal::failure, kNow + i * 10s);
    EXPECT_EQ(breaker.completed(Signal::success, kNow + 90s), Change::none);
    EXPECT_EQ(breaker.failures(), 0);
    EXPECT_EQ(breaker.failing_since(), std::nullopt);
    EXPECT_EQ(breaker.completed(Signal::failure, kNow + 100s), Change::none);
    EXPECT_EQ(breaker.state(kNow + 100s), State::closed);
}

TEST(Breaker, ProbesAndRampsUp) {
    Breaker breaker = opened_breaker();
    EXPECT_EQ(breaker.in_flight_allowed(kOpened + 14s), 0);
    EXPECT_EQ(breaker.state(kOpened + 15s), State::half_open);
    EXPECT_EQ(breaker.in_flight_allowed(kOpened + 15s), 1);
    EXPECT_EQ(breaker.completed(Signal::success, kOpened + 16s), Change::recovered);
    EXPECT_EQ(breaker.state(kOpened + 16s), State::ramp);
    for (std::int64_t allowed = 2; allowed < kAll; ++allowed) {
        EXPECT_EQ(breaker.in_flight_allowed(kOpened + 16s), allowed);
        EXPECT_EQ(breaker.completed(Signal::success, kOpened + 16s), Change::none);
    }
    EXPECT_EQ(breaker.state(kOpened + 16s), State::closed);
    EXPECT_EQ(breaker.in_flight_allowed(kOpened + 16s), kAll);
}

TEST(Breaker, DoublesItsPauseUpToTheLongest) {
    Breaker breaker = opened_breaker();
    TimePoint now = kOpened;
    for (const auto pause : {15s, 30s, 60s, 120s, 240s, 480s, 600s, 600s}) {
        ASSERT_EQ(breaker.not_before(), now + pause);
        now += pause;
        EXPECT_EQ(breaker.completed(Signal::failure, now), Change::opened);
    }
    EXPECT_EQ(breaker.openings(), 9);
}

TEST(Breaker, CountsLateFailuresWithoutOpeningAgain) {
    Breaker breaker = opened_breaker();
    EXPECT_EQ(breaker.completed(Signal::failure, kOpened + 1s), Change::none);
    EXPECT_EQ(breaker.openings(), 1);
    EXPECT_EQ(breaker.not_before(), kOpened + 15s);
}

TEST(Breaker, RecoversAtALateSuccess) {
    Breaker breaker = opened_breaker();
    EXPECT_EQ(breaker.completed(Signal::success, kOpened + 1s), Change::recovered);
    EXPECT_EQ(breaker.in_flight_allowed(kOpened + 1s), 2);
}

TEST(Breaker, HalvesCallsUnderOverload) {
    Breaker breaker = fresh_breaker();
    for (const std::int64_t allowed : {4, 2, 1, 1}) {
        breaker.completed(Signal::overload, kNow);
        EXPECT_EQ(breaker.in_flight_allowed(kNow), allowed);
    }
    breaker.completed(Signal::success, kNow);
    EXPECT_EQ(breaker.in_flight_allowed(kNow), 2);
    EXPECT_EQ(breaker.state(kNow), State::ramp);
}

TEST(Breaker, PausesForAsLongAsItIsAsked) {
    struct Case {
        const char* name;
        Signal signal;
        std::chrono::seconds wish;
        std::chrono::seconds pause;
    };
    constexpr Case kCases[] = {
        {"a minute", Signal::overload, 60s, 60s},
        {"never more than an hour", Signal::overload, 10h, 1h},
        {"no time at all", Signal::overload, 0s, 0s},
        {"a plain failure asks for its own delivery only", Signal::failure, 60s, 0s},
    };
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        Breaker breaker = fresh_breaker();
        EXPECT_EQ(breaker.completed(test_case.signal, kNow, test_case.wish), Change::none);
        const TimePoint end = kNow + test_case.pause;
        if (test_case.pause > 0s) {
            EXPECT_EQ(breaker.in_flight_allowed(end - 1us), 0);
        }
        EXPECT_GE(breaker.in_flight_allowed(end), 1);
    }
}

TEST(Breaker, KeepsAnAskedPauseWhenAnEarlierCallSucceeds) {
    Breaker breaker = fresh_breaker();
    breaker.completed(Signal::overload, kNow, 60s);
    EXPECT_EQ(breaker.completed(Signal::success, kNow + 1s), Change::none);
    EXPECT_EQ(breaker.in_flight_allowed(kNow + 59s), 0);
    EXPECT_EQ(breaker.in_flight_allowed(kNow + 60s), 1);
    breaker.completed(Signal::success, kNow + 61s);
    EXPECT_GT(breaker.in_flight_allowed(kNow + 61s), 1);
}

TEST(Breaker, TakesUpWhatWasStored) {
    const Breaker::Start start{
        .failing_since = kNow - 1h, .failures = 30, .not_before = kNow + 5min, .openings = 6};
    Breaker breaker{BreakerLimits{}, kAll, start};
    EXPECT_EQ(breaker.state(kNow), State::open);
    EXPECT_EQ(breaker.in_flight_allowed(kNow + 5min), 1);
    EXPECT_EQ(breaker.completed(Signal::failure, kNow + 5min), Change::opened);
    EXPECT_EQ(breaker.not_before(), kNow + 15min);
}

TEST(Breaker, DistrustsAPauseThatAWrongClockBegan) {
    const Breaker::Start start{
        .failing_since = kNow + 24h * 3650,
        .failures = 30,
        .not_before = kNow + 24h * 3650,
        .openings = 6};
    Breaker breaker{BreakerLimits{}, kAll, start};
    EXPECT_EQ(breaker.in_flight_allowed(kNow), 1);
    EXPECT_EQ(breaker.completed(Signal::failure, kNow), Change::opened);
    EXPECT_EQ(breaker.failing_since(), kNow);
}

TEST(Breaker, GivesUpAfterALongTimeAndEnoughFailures) {
    struct Case {
        const char* name;
        std::chrono::seconds failing_for;
        std::int64_t failures;
        Change change;
    };
    constexpr Case kCases[] = {
        {"long enough and often enough", 120h, 9, Change::hopeless},
        {"a second too short", 120h - 1s, 9, Change::opened},
        {"one failure too few", 120h, 8, Change::opened},
        {"much longer with one failure", 2400h, 0, Change::opened},
    };
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const Breaker::Start start{
            .failing_since = kNow - test_case.failing_for,
            .failures = test_case.failures,
            .not_before = kNow,
            .openings = 6};
        Breaker breaker{BreakerLimits{}, kAll, start};
        EXPECT_EQ(breaker.completed(Signal::failure, kNow), test_case.change);
    }
}

TEST(Breaker, SaysHopelessOnceUntilASuccess) {
    const Breaker::Start start{.failing_since = kNow - 130h, .failures = 30};
    Breaker breaker{BreakerLimits{}, kAll, start};
    EXPECT_EQ(breaker.completed(Signal::failure, kNow), Change::hopeless);
    EXPECT_NE(breaker.completed(Signal::failure, kNow + 1h), Change::hopeless);
    breaker.completed(Signal::success, kNow + 2h);
    for (int i = 0; i < 9; ++i) breaker.completed(Signal::failure, kNow + 3h);
    EXPECT_EQ(breaker.completed(Signal::failure, kNow + 123h), Change::hopeless);
}

TEST(Breaker, IsForgivenByAPerson) {
    Breaker breaker = opened_breaker();
    breaker.reset();
    EXPECT_EQ(breaker.state(kOpened), State::closed);
    EXPECT_EQ(breaker.in_flight_allowed(kOpened), kAll);
    EXPECT_EQ(breaker.failures(), 0);
    EXPECT_EQ(breaker.openings(), 0);
}

TEST(Breaker, FollowsANewLimit) {
    Breaker breaker = fresh_breaker();
    breaker.set_in_flight_max(32);
    EXPECT_EQ(breaker.in_flight_allowed(kNow), 32);
    breaker.completed(Signal::overload, kNow);
    breaker.set_in_flight_max(20);
    EXPECT_EQ(breaker.in_flight_allowed(kNow), 16);
    breaker.set_in_flight_max(0);
    EXPECT_EQ(breaker.in_flight_allowed(kNow), 1);
}

}  // namespace
}  // namespace postern::dispatch
