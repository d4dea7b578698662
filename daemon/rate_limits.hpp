#pragma once

#include "config/rate_plan.hpp"
#include "core/time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace postern::daemon {

using config::RatePlan;

// What a request may do, and what its answer says of it.
struct RateGrant {
    enum class Verdict { go_on, wait } verdict = Verdict::go_on;
    std::int64_t limit = 0;
    std::int64_t remaining = 0;
    TimePoint reset_at;                // when the limit counts from nothing again
    std::chrono::seconds retry_after;  // of wait: at least one

    bool operator==(const RateGrant&) const = default;
};

// Counts requests by subject: a key or an address, as a number. Several nodes share their limits
// behind the same interface by borrowing permits ahead of need, so that asking never waits.
class RateLimiter {
 public:
    virtual ~RateLimiter() = default;
    struct Ask {
        std::uint64_t subject = 0;
        RatePlan plan;
        TimePoint now;
    };
    virtual RateGrant take(const Ask& ask) = 0;
    // The same without counting.
    virtual RateGrant look(const Ask& ask) const = 0;
};

// In this process. A window begins with the first request after the last one ended, so a caller
// that waits until the reset is let in. Subjects share locks by their number, and each part holds a
// bounded number of them: the one whose window ends first makes room.
class MemoryRateLimiter final : public RateLimiter {
 public:
    static constexpr std::size_t kShards = 16;  // a power of two
    static constexpr std::size_t kSubjectsMaxPerShard = 1'024;

    RateGrant take(const Ask& ask) override;
    RateGrant look(const Ask& ask) const override;
    std::size_t size() const;

 private:
    struct Window {
        TimePoint begun_at;
        TimePoint ends_at;
        std::int64_t taken = 0;
        TimePoint second_begun_at;
        std::int64_t taken_in_second = 0;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<std::uint64_t, Window> windows;
    };
    static Window at(const Window& window, const Ask& ask);
    static RateGrant judge(const Window& window, const Ask& ask);
    static void make_room(Shard& shard, TimePoint now);
    static std::size_t shard_of(std::uint64_t subject);

    std::array<Shard, kShards> shards_;
};

}  // namespace postern::daemon
