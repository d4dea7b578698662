#pragma once

#include "dispatch/attempt.hpp"
#include "dispatch/retry_policy.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::dispatch {

// Where a delivery stands when an attempt is over.
struct DeliveryProgress {
    std::int64_t attempts = 0;        // completed in all, this one not counted
    std::int64_t round_attempts = 0;  // completed in this round, this one not counted
    TimePoint round_started_at;
    storage::AttemptTrigger trigger = storage::AttemptTrigger::scheduled;
};

enum class EndpointVerdict : std::uint8_t {
    keep,
    disable_gone,       // it answered 410
    disable_requested,  // it asked us to stop
};

// What becomes of it. `reason` is a word for the API: "exhausted", "too_old", "gone", "aborted",
// "disabled by the endpoint" …; empty while it goes on.
struct Disposition {
    storage::DeliveryState state = storage::DeliveryState::waiting;
    TimePoint due_at;  // of waiting
    std::string_view reason;
    EndpointVerdict endpoint = EndpointVerdict::keep;

    bool operator==(const Disposition&) const = default;
};

// Pure: the same input, the same answer. `spread` is a random number in [0, 1).
Disposition decide(
    const DeliveryProgress& progress,
    const RetryPolicy& policy,
    const AttemptResult& result,
    TimePoint now,
    double spread
);

Disposition decide_skipped(SkipReason reason);

}  // namespace postern::dispatch
