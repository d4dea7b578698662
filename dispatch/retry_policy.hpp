#pragma once

#include "core/time.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace postern::dispatch {

// When to try again. The first delay is the one before the first attempt, so a schedule of ten
// delays is ten attempts.
struct RetryPolicy {
    std::vector<std::chrono::seconds> delays = {
        std::chrono::seconds{0},
        std::chrono::seconds{5},
        std::chrono::minutes{5},
        std::chrono::minutes{30},
        std::chrono::hours{2},
        std::chrono::hours{5},
        std::chrono::hours{10},
        std::chrono::hours{14},
        std::chrono::hours{20},
        std::chrono::hours{24}};
    std::chrono::seconds maximum_age{std::chrono::hours{96}};  // of a round; none is begun later

    bool operator==(const RetryPolicy&) const = default;
};

struct RetryPolicyLimits {
    std::size_t attempts_max = 30;
    std::chrono::seconds delay_max{std::chrono::hours{24}};
    std::chrono::seconds age_max{std::chrono::days{14}};
};

inline constexpr std::chrono::seconds kRetryAfterMax{std::chrono::hours{24}};
// No honest due time lies further ahead: one that does is the mark of a clock that was wrong.
inline constexpr std::chrono::seconds kDueAheadMax{std::chrono::hours{30}};

// The delay before attempt number `attempts_done` + 1, spread by ±20 %. `spread` is a random number
// in [0, 1). Never negative.
Microseconds
delay_before_next(const RetryPolicy& policy, std::int64_t attempts_done, double spread);

}  // namespace postern::dispatch
