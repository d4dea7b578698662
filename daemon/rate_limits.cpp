#include "daemon/rate_limits.hpp"

#include <algorithm>

namespace postern::daemon {
namespace {

constexpr std::chrono::seconds kSecond{1};
// Ids count in their upper bits, so the lower ones alone would put all into one part.
constexpr std::uint64_t kMixer = 0x9e37'79b9'7f4a'7c15;
constexpr int kMixedShift = 60;
static_assert(MemoryRateLimiter::kShards == std::size_t{1} << (64 - kMixedShift));

std::chrono::seconds seconds_until(TimePoint at, TimePoint now) {
    return std::max(kSecond, std::chrono::ceil<std::chrono::seconds>(at - now));
}

}  // namespace

std::size_t MemoryRateLimiter::shard_of(std::uint64_t subject) {
    return static_cast<std::size_t>((subject * kMixer) >> kMixedShift);
}

// The subject's window as it is now: what has ended begins anew. A clock that was set back ends a
// window too, or it would last until the clock had caught up.
MemoryRateLimiter::Window MemoryRateLimiter::at(const Window& window, const Ask& ask) {
    Window current = window;
    if (ask.now >= current.ends_at || ask.now < current.begun_at) {
        current = {.begun_at = ask.now, .ends_at = ask.now + ask.plan.window};
        current.second_begun_at = ask.now;
    }
    if (ask.now - current.second_begun_at >= kSecond) {
        current.second_begun_at = ask.now;
        current.taken_in_second = 0;
    }
    return current;
}

RateGrant MemoryRateLimiter::judge(const Window& window, const Ask& ask) {
    RateGrant grant{
        .limit = ask.plan.limit,
        .remaining = std::max<std::int64_t>(0, ask.plan.limit - window.taken),
        .reset_at = window.ends_at,
        .retry_after = std::chrono::seconds{0}};
    if (grant.remaining == 0) {
        grant.verdict = RateGrant::Verdict::wait;
        grant.retry_after = seconds_until(window.ends_at, ask.now);
    } else if (window.taken_in_second >= ask.plan.burst) {
        grant.verdict = RateGrant::Verdict::wait;
        grant.retry_after = kSecond;
    }
    return grant;
}

RateGrant MemoryRateLimiter::take(const Ask& ask) {
    Shard& shard = shards_[shard_of(ask.subject)];
    const std::lock_guard lock{shard.mutex};
    if (shard.windows.size() >= kSubjectsMaxPerShard && !shard.windows.contains(ask.subject)) {
        make_room(shard, ask.now);
    }
    Window& window = shard.windows[ask.subject];
    window = at(window, ask);
    RateGrant grant = judge(window, ask);
    if (grant.verdict == RateGrant::Verdict::wait) return grant;
    ++window.taken;
    ++window.taken_in_second;
    --grant.remaining;
    return grant;
}

RateGrant MemoryRateLimiter::look(const Ask& ask) const {
    const Shard& shard = shards_[shard_of(ask.subject)];
    const std::lock_guard lock{shard.mutex};
    const auto found = shard.windows.find(ask.subject);
    return judge(at(found == shard.windows.end() ? Window{} : found->second, ask), ask);
}

std::size_t MemoryRateLimiter::size() const {
    std::size_t size = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock{shard.mutex};
        size += shard.windows.size();
    }
    return size;
}

void MemoryRateLimiter::make_room(Shard& shard, TimePoint now) {
    std::erase_if(shard.windows, [now](const auto& entry) { return entry.second.ends_at <= now; });
    if (shard.windows.size() < kSubjectsMaxPerShard) return;
    const auto first = std::min_element(
        shard.windows.begin(),
        shard.windows.end(),
        [](const auto& a, const auto& b) { return a.second.ends_at < b.second.ends_at; }
    );
    shard.windows.erase(first);
}

}  // namespace postern::daemon
