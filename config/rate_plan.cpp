#include "config/rate_plan.hpp"

#include "core/numbers.hpp"

#include <algorithm>

namespace postern::config {
namespace {

std::string_view take_part(std::string_view& text) {
    const std::string_view part = text.substr(0, text.find('/'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return part;
}

std::optional<std::int64_t> read_count(std::string_view text, std::int64_t max) {
    const auto number = parse_integer(text);
    if (!number || *number < 1 || *number > max) return std::nullopt;
    return number;
}

}  // namespace

std::optional<RatePlan> parse_rate_plan(std::string_view text) {
    if (text.ends_with('/')) return std::nullopt;
    const auto limit = read_count(take_part(text), kRateLimitMax);
    std::string_view window_text = take_part(text);
    if (!limit || !window_text.ends_with('s')) return std::nullopt;
    window_text.remove_suffix(1);
    const auto window = read_count(window_text, kRateWindowSecondsMax);
    if (!window) return std::nullopt;
    RatePlan plan{.limit = *limit, .window = std::chrono::seconds{*window}, .burst = *limit};
    if (text.empty()) return plan;
    const auto burst = read_count(text, *limit);
    if (!burst) return std::nullopt;
    plan.burst = *burst;
    return plan;
}

std::string to_text(const RatePlan& plan) {
    std::string text = std::to_string(plan.limit);
    text += '/';
    text += std::to_string(plan.window.count());
    text += 's';
    if (plan.burst != plan.limit) text += '/' + std::to_string(plan.burst);
    return text;
}

}  // namespace postern::config
