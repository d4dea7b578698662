#include "daemon/shared_rate_limiter.hpp"

#include <algorithm>

namespace postern::daemon {
namespace {

using cluster::CountPlace;
using cluster::SharedCounts;

constexpr std::chrono::seconds kSecond{1};

SharedCounts::Ask ask_of(const RateLimiter::Ask& ask) {
    return {
        .window =
            {.place = CountPlace::of(ask.subject, ask.plan.window, ask.now), .max = ask.plan.limit},
        .second = {.place = CountPlace::of(ask.subject, kSecond, ask.now), .max = ask.plan.burst}};
}

RateGrant grant_of(const RateLimiter::Ask& ask, const SharedCounts::State& state) {
    const CountPlace place = CountPlace::of(ask.subject, ask.plan.window, ask.now);
    RateGrant grant{
        .limit = ask.plan.limit,
        .remaining = state.left,
        .reset_at = place.ends_at(),
        .retry_after = std::chrono::seconds{0}};
    if (state.left > 0 && state.left_in_second > 0) return grant;
    grant.verdict = RateGrant::Verdict::wait;
    const auto left = std::chrono::ceil<std::chrono::seconds>(grant.reset_at - ask.now);
    grant.retry_after = state.left == 0 ? std::max(kSecond, left) : kSecond;
    return grant;
}

}  // namespace

RateGrant SharedRateLimiter::take(const Ask& ask) {
    RateGrant grant = grant_of(ask, counts_.take(ask_of(ask)));
    if (grant.verdict == RateGrant::Verdict::go_on) --grant.remaining;
    return grant;
}

RateGrant SharedRateLimiter::look(const Ask& ask) const {
    return grant_of(ask, counts_.look(ask_of(ask)));
}

}  // namespace postern::daemon
