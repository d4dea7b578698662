#include "dispatch/delivery_machine.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace postern::dispatch {
namespace {

using storage::AttemptError;
using storage::DeliveryState;
using namespace std::chrono_literals;

constexpr TimePoint kNow = from_unix_seconds(1'750'000'000);
constexpr double kMiddle = 0.5;  // no spread

struct Case {
    const char* name;
    std::int64_t round_attempts;
    std::chrono::seconds round_age;
    AttemptResult result;
    Disposition expected;
};

AttemptResult failure(AttemptError error, int status = 0) {
    AttemptResult result;
    result.error = error;
    result.status = status;
    return result;
}

AttemptResult wished(ReceiverWish wish, int status) {
    AttemptResult result = failure(AttemptError::http_4xx, status);
    if (status < 300) result.error = AttemptError::none;
    result.wish = wish;
    return result;
}

AttemptResult told_to_wait(std::chrono::seconds wait) {
    AttemptResult result = failure(AttemptError::http_4xx, 429);
    result.retry_after = wait;
    return result;
}

Disposition waiting(std::chrono::seconds wait) {
    return {.state = DeliveryState::waiting, .due_at = kNow + wait};
}

Disposition dead(std::string_view reason, EndpointVerdict endpoint = EndpointVerdict::keep) {
    return {.state = DeliveryState::dead, .due_at = {}, .reason = reason, .endpoint = endpoint};
}

Disposition delivered(EndpointVerdict endpoint = EndpointVerdict::keep) {
    return {.state = DeliveryState::delivered, .due_at = {}, .reason = {}, .endpoint = endpoint};
}

const Case kCases[] = {
    {"2xx", 0, 0s, failure(AttemptError::none, 200), delivered()},
    {"2xx on the last attempt, however old",
     9,
     1000h,
     failure(AttemptError::none, 204),
     delivered()},
    {"2xx that asks us to stop",
     0,
     0s,
     wished(ReceiverWish::stop_endpoint, 200),
     delivered(EndpointVerdict::disable_requested)},
    {"410",
     0,
     0s,
     wished(ReceiverWish::stop_endpoint, 410),
     dead("gone", EndpointVerdict::disable_gone)},
    {"a failure that asks us to stop",
     0,
     0s,
     wished(ReceiverWish::stop_endpoint, 400),
     dead("disabled_by_endpoint", EndpointVerdict::disable_requested)},
    {"a message that is not wanted",
     0,
     0s,
     wished(ReceiverWish::stop_message, 400),
     dead("aborted")},
    {"the first failure", 0, 0s, failure(AttemptError::http_5xx, 500), waiting(5s)},
    {"the second failure", 1, 5s, failure(AttemptError::timeout), waiting(5min)},
    {"a blocked address may be mended", 0, 0s, failure(AttemptError::address_blocked), waiting(5s)},
    {"so may a wrong setting", 0, 0s, failure(AttemptError::endpoint_misconfigured), waiting(5s)},
    {"a redirect is a failure", 0, 0s, failure(AttemptError::redirected, 302), waiting(5s)},
    {"the last attempt but one", 8, 30h, failure(AttemptError::http_5xx, 500), waiting(24h)},
    {"the last attempt", 9, 60h, failure(AttemptError::http_5xx, 500), dead("exhausted")},
    {"more attempts than the schedule has",
     40,
     60h,
     failure(AttemptError::http_5xx, 500),
     dead("exhausted")},
    {"Retry-After makes it later", 0, 0s, told_to_wait(1h), waiting(1h)},
    {"and never sooner", 1, 0s, told_to_wait(1s), waiting(5min)},
    {"and not by more than a day", 0, 0s, told_to_wait(48h), waiting(24h)},
    {"and not beyond the round's age", 0, 90h, told_to_wait(24h), dead("too_old")},
    {"just within the age", 1, 96h - 5min, failure(AttemptError::timeout), waiting(5min)},
    {"just beyond the age", 1, 96h - 299s, failure(AttemptError::timeout), dead("too_old")},
};

TEST(DeliveryMachine, DecidesEveryEndOfAnAttempt) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const DeliveryProgress progress{
            .attempts = 100,
            .round_attempts = test_case.round_attempts,
            .round_started_at = kNow - test_case.round_age};
        EXPECT_EQ(
            decide(progress, RetryPolicy{}, test_case.result, kNow, kMiddle), test_case.expected
        );
    }
}

TEST(DeliveryMachine, SpreadsTheNextAttempt) {
    const DeliveryProgress progress{.round_started_at = kNow};
    const auto decided = decide(progress, RetryPolicy{}, failure(AttemptError::timeout), kNow, 0.0);
    EXPECT_EQ(decided, waiting(4s));
}

struct SkipCase {
    SkipReason reason;
    DeliveryState state;
};

TEST(DeliveryMachine, ClosesWhatIsNotSent) {
    constexpr SkipCase kSkipCases[] = {
        {SkipReason::unsubscribed, DeliveryState::skipped},
        {SkipReason::filtered, DeliveryState::skipped},
        {SkipReason::endpoint_disabled, DeliveryState::skipped},
        {SkipReason::endpoint_deleted, DeliveryState::canceled},
        {SkipReason::event_gone, DeliveryState::skipped},
        {SkipReason::superseded, DeliveryState::superseded},
    };
    for (const SkipCase& test_case : kSkipCases) {
        SCOPED_TRACE(to_text(test_case.reason));
        const Disposition disposition = decide_skipped(test_case.reason);
        EXPECT_EQ(disposition.state, test_case.state);
        EXPECT_EQ(disposition.reason, to_text(test_case.reason));
        EXPECT_EQ(disposition.endpoint, EndpointVerdict::keep);
    }
}

}  // namespace
}  // namespace postern::dispatch
