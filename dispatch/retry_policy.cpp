#include "dispatch/retry_policy.hpp"

#include <algorithm>

namespace postern::dispatch {
namespace {

// Retries of many deliveries that failed in the same moment must not come back in one moment.
constexpr double kSpreadLeast = 0.8;
constexpr double kSpreadWidth = 0.4;

}  // namespace

Microseconds
delay_before_next(const RetryPolicy& policy, std::int64_t attempts_done, double spread) {
    if (policy.delays.empty()) return Microseconds{0};
    const auto last = static_cast<std::int64_t>(policy.delays.size()) - 1;
    const auto index = static_cast<std::size_t>(std::clamp<std::int64_t>(attempts_done, 0, last));
    const Microseconds delay = policy.delays[index];
    const double factor = kSpreadLeast + kSpreadWidth * std::clamp(spread, 0.0, 1.0);
    const auto spread_out = static_cast<std::int64_t>(static_cast<double>(delay.count()) * factor);
    return Microseconds{std::max<std::int64_t>(spread_out, 0)};
}

}  // namespace postern::dispatch
