#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::config {

// So many requests in each window, and never more than so many within one second of it.
struct RatePlan {
    std::int64_t limit = 0;
    std::chrono::seconds window{1};
    std::int64_t burst = 0;

    bool operator==(const RatePlan&) const = default;
};

inline constexpr std::int64_t kRateLimitMax = 1'000'000;
inline constexpr std::int64_t kRateWindowSecondsMax = 86'400;

// "100/60s", or "100/60s/20" where a second has a limit of its own.
std::optional<RatePlan> parse_rate_plan(std::string_view text);
std::string to_text(const RatePlan& plan);

}  // namespace postern::config
