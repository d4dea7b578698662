#include "dispatch/delivery_machine.hpp"

#include <algorithm>

namespace postern::dispatch {
namespace {

using storage::AttemptError;
using storage::DeliveryState;

constexpr int kGone = 410;

Disposition dead(std::string_view reason, EndpointVerdict endpoint = EndpointVerdict::keep) {
    return {.state = DeliveryState::dead, .due_at = {}, .reason = reason, .endpoint = endpoint};
}

// A receiver that takes the event and asks us to stop gets both: it arrived, and no more will.
Disposition delivered(const AttemptResult& result) {
    const bool is_last = result.wish == ReceiverWish::stop_endpoint;
    return {
        .state = DeliveryState::delivered,
        .due_at = {},
        .reason = {},
        .endpoint = is_last ? EndpointVerdict::disable_requested : EndpointVerdict::keep};
}

Disposition stopped_by_endpoint(const AttemptResult& result) {
    if (result.status == kGone) return dead("gone", EndpointVerdict::disable_gone);
    return dead("disabled_by_endpoint", EndpointVerdict::disable_requested);
}

}  // namespace

Disposition decide(
    const DeliveryProgress& progress,
    const RetryPolicy& policy,
    const AttemptResult& result,
    TimePoint now,
    double spread
) {
    if (result.error == AttemptError::none) return delivered(result);
    switch (result.wish) {
        case ReceiverWish::stop_endpoint: return stopped_by_endpoint(result);
        case ReceiverWish::stop_message: return dead("aborted");
        case ReceiverWish::none: break;
    }
    const std::int64_t attempts_done = progress.round_attempts + 1;
    if (attempts_done >= static_cast<std::int64_t>(policy.delays.size())) return dead("exhausted");
    TimePoint due_at = now + delay_before_next(policy, attempts_done, spread);
    if (result.retry_after) {
        due_at = std::max<TimePoint>(due_at, now + std::min(*result.retry_after, kRetryAfterMax));
    }
    if (due_at > progress.round_started_at + policy.maximum_age) return dead("too_old");
    return {.state = DeliveryState::waiting, .due_at = due_at};
}

Disposition decide_skipped(SkipReason reason) {
    DeliveryState state = DeliveryState::skipped;
    if (reason == SkipReason::superseded) state = DeliveryState::superseded;
    if (reason == SkipReason::endpoint_deleted) state = DeliveryState::canceled;
    return {.state = state, .due_at = {}, .reason = to_text(reason)};
}

}  // namespace postern::dispatch
