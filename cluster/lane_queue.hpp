#pragma once

#include "cluster/lane_shards.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "redis/client.hpp"
#include "storage/delivery_values.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The lanes in Redis: one call is one script on one shard.
namespace postern::cluster {

// What one node tells another of a lane, and what it asks Redis for.
struct LaneCall {
    EndpointId endpoint;
    Microseconds wait{0};
    storage::DeliveryQueue queue = storage::DeliveryQueue::fresh;
    DeliveryId delivery = {};
    std::int64_t number = 0;  // of the call, by the shard's count
};
std::vector<LaneCall> parse_lane_calls(std::string_view message);

struct ShardDue {
    LaneShard shard;
    Microseconds wait{0};
};
std::optional<ShardDue> parse_shard_due(std::string_view message);

// What every script says: was the shard emptied by somebody, and is not filled again?
enum class ShardState : std::uint8_t { filled, flushed };

// Who has it by Redis' book. `fence` 0: somebody else.
struct Leased {
    EndpointId endpoint;
    std::int64_t fence = 0;
};

class LaneQueue {
 public:
    struct Options {
        std::string prefix;
        std::chrono::milliseconds lease{10'000};
        std::chrono::milliseconds handed_over_lease{5'000};
        std::size_t claim_max = 256;
    };
    LaneQueue(redis::Client& client, Options options);

    // What follows is asked in the name of this node.
    void set_node(std::int64_t node) { node_ = node; }
    const Options& options() const { return options_; }

    struct WantAnswer {
        enum class Verdict : std::uint8_t { ours, told_other, later };
        struct Item {
            Verdict verdict = Verdict::later;
            std::int64_t fence = 0;
        };
        ShardState state = ShardState::filled;
        std::vector<Item> items;  // one for each call, in their order
    };
    template <class T>
    using Asked = net::Task<Result<T, redis::Failure>>;
    Asked<WantAnswer> want(LaneShard shard, std::vector<LaneCall> calls);

    struct ClaimAnswer {
        ShardState state = ShardState::filled;
        std::optional<Microseconds> next;  // something falls due, or a lease ends
        std::vector<Leased> lanes;
    };
    Asked<ClaimAnswer> claim(LaneShard shard);

    struct ExtendAnswer {
        ShardState state = ShardState::filled;
        std::vector<Leased> lanes;
    };
    Asked<ExtendAnswer> extend(LaneShard shard, std::vector<EndpointId> lanes);

    struct Returned {
        EndpointId endpoint;
        std::int64_t fence = 0;
        std::optional<Microseconds> wait;  // none: nothing waits
        std::int64_t number_seen = 0;      // of the calls that were heard
    };
    Asked<ShardState> give_back(LaneShard shard, std::vector<Returned> lanes);

    struct HandedOver {
        EndpointId endpoint;
        std::int64_t fence = 0;
        std::int64_t owner = 0;
        Microseconds wait{0};
    };
    Asked<ShardState> hand_over(LaneShard shard, std::vector<HandedOver> lanes);

    struct StoredDue {
        EndpointId endpoint;
        std::optional<Microseconds> wait;
    };
    struct Repairs {
        ShardState state = ShardState::filled;
        std::int64_t missing = 0;
        std::int64_t late = 0;
        std::int64_t idle = 0;
    };
    Asked<Repairs> compare(LaneShard shard, std::vector<StoredDue> stored);

    enum class WalkStep : std::uint8_t { begin, end };
    struct Walk {
        WalkStep step = WalkStep::begin;
        std::int64_t number = 0;
    };
    Asked<ShardState> walk(LaneShard shard, Walk walk);

    net::Task<void> call_for_rebuild();

 private:
    std::vector<std::string> arguments(LaneShard shard, std::chrono::milliseconds lease) const;
    net::Task<redis::Answer>
    run(const redis::Script& script, LaneShard shard, std::vector<std::string> arguments);

    redis::Client& client_;
    Options options_;
    std::int64_t node_ = 0;
};

}  // namespace postern::cluster
