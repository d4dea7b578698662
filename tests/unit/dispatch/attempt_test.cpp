#include "dispatch/attempt.hpp"

#include "dispatch/retry_policy.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace postern::dispatch {
namespace {

using storage::AttemptError;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr TimePoint kNow = from_unix_seconds(784'111'777);

struct RetryAfterCase {
    const char* name;
    std::string_view text;
    std::optional<std::chrono::seconds> expected;
};

constexpr RetryAfterCase kRetryAfterCases[] = {
    {"seconds", "120", 120s},
    {"zero", "0", 0s},
    {"spaces around it", " 120\t", 120s},
    {"a day is the most", "86401", 24h},
    {"more digits than a number holds", "99999999999999999999999999", 24h},
    {"nothing", "", std::nullopt},
    {"only spaces", "  ", std::nullopt},
    {"a sign", "-5", std::nullopt},
    {"a plus", "+5", std::nullopt},
    {"a fraction", "1.5", std::nullopt},
    {"a unit", "5s", std::nullopt},
    {"a NUL inside", "12\0"sv, std::nullopt},
    {"a word", "soon", std::nullopt},
    {"an IMF-fixdate", "Sun, 06 Nov 1994 08:50:37 GMT", 60s},
    {"an IMF-fixdate with the wrong day's name", "Mon, 06 Nov 1994 08:50:37 GMT", 60s},
    {"a date that has passed", "Sun, 06 Nov 1994 08:00:00 GMT", 0s},
    {"a date that is far ahead", "Sun, 06 Nov 2094 08:49:37 GMT", 24h},
    {"a leap second", "Sun, 06 Nov 1994 08:49:60 GMT", 23s},
    {"an RFC 850 date", "Sunday, 06-Nov-94 08:50:37 GMT", 60s},
    {"an RFC 850 year within fifty years", "Sunday, 06-Nov-44 08:50:37 GMT", 24h},
    {"an RFC 850 year that must be of the past", "Sunday, 06-Nov-45 08:50:37 GMT", 0s},
    {"an asctime date", "Sun Nov  6 08:50:37 1994", 60s},
    {"an asctime date with two digits", "Sun Nov 16 08:50:37 1994", 24h},
    {"a day that is not there", "Wed, 30 Feb 1994 08:50:37 GMT", std::nullopt},
    {"an hour that is not there", "Sun, 06 Nov 1994 24:50:37 GMT", std::nullopt},
    {"another zone", "Sun, 06 Nov 1994 08:50:37 CET", std::nullopt},
    {"a cut date", "Sun, 06 Nov 1994 08:50", std::nullopt},
    {"a month across two names", "Sun, 06 anF 1994 08:50:37 GMT", std::nullopt},
    {"text after the date", "Sun, 06 Nov 1994 08:50:37 GMT;", std::nullopt},
    {"only a day", "Sun", std::nullopt},
    {"half a day's name", "Sund, 06-Nov-94 08:50:37 GMT", std::nullopt},
};

TEST(RetryAfter, ReadsSecondsAndDates) {
    for (const RetryAfterCase& test_case : kRetryAfterCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(parse_retry_after(test_case.text, kNow), test_case.expected);
    }
}

TEST(RetryAfter, RoundsAPartOfASecondUp) {
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:38 GMT", kNow + 1us), 1s);
}

struct MeaningCase {
    const char* name;
    AnswerHead head;
    AttemptError error;
    ReceiverWish wish = ReceiverWish::none;
    std::optional<std::chrono::seconds> retry_after = std::nullopt;
};

constexpr MeaningCase kMeaningCases[] = {
    {"200", {200, "", ""}, AttemptError::none},
    {"299", {299, "", ""}, AttemptError::none},
    {"a 2xx has no use for Retry-After", {202, "5", ""}, AttemptError::none},
    {"a redirect", {301, "", ""}, AttemptError::redirected},
    {"not modified", {304, "", ""}, AttemptError::redirected},
    {"404", {404, "", ""}, AttemptError::http_4xx},
    {"429 with Retry-After", {429, "7", ""}, AttemptError::http_4xx, ReceiverWish::none, 7s},
    {"503 with a broken Retry-After", {503, "soon", ""}, AttemptError::http_5xx},
    {"199", {199, "", ""}, AttemptError::http_other},
    {"600", {600, "", ""}, AttemptError::http_other},
    {"410", {410, "", ""}, AttemptError::http_4xx, ReceiverWish::stop_endpoint},
    {"disable", {500, "", "disable"}, AttemptError::http_5xx, ReceiverWish::stop_endpoint},
    {"disable, spelled its own way",
     {400, "", " Disable\t"},
     AttemptError::http_4xx,
     ReceiverWish::stop_endpoint},
    {"disable with a 2xx", {204, "", "disable"}, AttemptError::none, ReceiverWish::stop_endpoint},
    {"abort", {422, "", "abort-message"}, AttemptError::http_4xx, ReceiverWish::stop_message},
    {"abort with 410 means the message",
     {410, "", "ABORT-MESSAGE"},
     AttemptError::http_4xx,
     ReceiverWish::stop_message},
    {"abort with a 2xx has nothing to abort", {200, "", "abort-message"}, AttemptError::none},
    {"another word", {500, "", "disabled"}, AttemptError::http_5xx},
};

TEST(AnswerMeaning, FollowsStatusAndFields) {
    for (const MeaningCase& test_case : kMeaningCases) {
        SCOPED_TRACE(test_case.name);
        const AnswerMeaning meaning = meaning_of(test_case.head, kNow);
        EXPECT_EQ(meaning.error, test_case.error);
        EXPECT_EQ(meaning.wish, test_case.wish);
        EXPECT_EQ(meaning.retry_after, test_case.retry_after);
    }
}

TEST(SkipReason, HasAWordForEach) {
    EXPECT_EQ(to_text(SkipReason::unsubscribed), "unsubscribed");
    EXPECT_EQ(to_text(SkipReason::filtered), "filtered");
    EXPECT_EQ(to_text(SkipReason::endpoint_disabled), "endpoint_disabled");
    EXPECT_EQ(to_text(SkipReason::endpoint_deleted), "endpoint_deleted");
    EXPECT_EQ(to_text(SkipReason::event_gone), "event_gone");
    EXPECT_EQ(to_text(SkipReason::superseded), "superseded");
}

}  // namespace
}  // namespace postern::dispatch
