#pragma once

#include "core/time.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace postern::cluster {

// A stretch of time in which a subject's requests are counted together: whole windows of the
// clock's time, so that all nodes mean the same one.
struct CountPlace {
    std::uint64_t subject = 0;
    std::chrono::microseconds window{0};
    std::int64_t index = 0;

    auto operator<=>(const CountPlace&) const = default;
    static CountPlace of(std::uint64_t subject, std::chrono::microseconds window, TimePoint now);
    TimePoint ends_at() const;
};

// How much of many subjects' allowances was taken. What this node takes counts at once; what the
// others took is known as of the last exchange, or is not known, and then nobody may take more than
// this node's part. Any thread. Subjects share locks, and each part holds a bounded number of
// places: the one that ends first makes room.
class SharedCounts {
 public:
    static constexpr std::size_t kShards = 16;  // a power of two
    static constexpr std::size_t kPlacesMaxPerShard = 2'048;

    struct Bound {
        CountPlace place;
        std::int64_t max = 0;  // of all nodes together
    };
    // Of one subject: a whole window, and the second in it.
    struct Ask {
        Bound window;
        Bound second;
    };
    struct State {
        std::int64_t left = 0;            // before this ask
        std::int64_t left_in_second = 0;  // the same
    };
    // Counts if both have something left.
    State take(const Ask& ask);
    State look(const Ask& ask);

    enum class Sight : std::uint8_t { all, own };
    void see(std::size_t shard, Sight sight);
    void share_among(std::size_t nodes) { nodes_.store(nodes, std::memory_order_relaxed); }

    // For whoever exchanges: told once when something is asked for while nothing was. Set once,
    // before anybody asks; called on the asker's thread.
    void on_use(std::function<void()> tell) { tell_ = std::move(tell); }

    // What was asked for since the last call, and how much of it was taken since then.
    struct Addition {
        CountPlace place;
        std::int64_t count = 0;
    };
    std::vector<Addition> take_additions(std::size_t shard, TimePoint now);
    struct Sum {
        CountPlace place;
        std::int64_t taken = 0;  // by all nodes, this one's told additions included
    };
    void learn(const Sum& sum);
    void give_back(const Addition& addition);  // nobody was told of it
    // Nothing was asked for since the last exchange: on_use() tells of the next.
    bool falls_idle();

    static std::size_t shard_of(std::uint64_t subject);

 private:
    struct Entry {
        std::int64_t own = 0;
        std::int64_t told = 0;  // of these
        std::int64_t others = 0;
        enum class Asked : std::uint8_t { no, yes } asked = Asked::no;  // since the last exchange
    };
    struct Hash {
        std::size_t operator()(const CountPlace& place) const;
    };
    struct Shard {
        std::mutex mutex;
        Sight sight = Sight::own;
        std::unordered_map<CountPlace, Entry, Hash> entries;
    };
    enum class Counting { no, yes };
    State ask_for(const Ask& ask, Counting counting);
    struct Count {
        const Entry& entry;
        std::int64_t max;
    };
    std::int64_t left_of(const Count& count, Sight sight) const;
    static void make_room(Shard& shard);

    std::array<Shard, kShards> shards_;
    std::atomic<std::size_t> nodes_{1};
    std::atomic<bool> in_use_{false};
    std::function<void()> tell_;
};

}  // namespace postern::cluster
