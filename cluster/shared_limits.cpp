#include "cluster/shared_limits.hpp"

#include "net/spawn.hpp"

#include <algorithm>

namespace postern::cluster {
namespace {

// The script tells each sum in the order of the keys. A count lives a little longer than its
// window, since clocks differ.
constexpr redis::Script kAddScript{R"(
local sums = {}
for i = 1, #KEYS do
    local add = tonumber(ARGV[2 * i - 1])
    if add > 0 then
        local sum = redis.call('INCRBY', KEYS[i], add)
        if sum == add then redis.call('PEXPIRE', KEYS[i], ARGV[2 * i]) end
        sums[i] = sum
    else
        sums[i] = tonumber(redis.call('GET', KEYS[i]) or '0')
    end
end
return sums
)"};

constexpr std::chrono::seconds kKeptBeyondWindow{10};

}  // namespace

SharedLimits::SharedLimits(Parts parts)
    : parts_{std::move(parts)}, bell_{parts_.thread, *this}, next_{parts_.thread, [this] {
                                                                       exchange();
                                                                   }} {
    for (Kind& kind : parts_.kinds) {
        kind.counts.on_use([this] { bell_.ring(); });
    }
}

SharedLimits::~SharedLimits() {
    for (Kind& kind : parts_.kinds) {
        for (std::size_t shard = 0; shard < SharedCounts::kShards; ++shard) {
            kind.counts.see(shard, SharedCounts::Sight::own);
        }
    }
}

// A letter is in the box once at a time.
void SharedLimits::Bell::ring() {
    if (!rung_.exchange(true)) thread_.mailbox().drop(*this);
}

void SharedLimits::Bell::delivered() noexcept {
    rung_.store(false);
    if (limits_.phase_ == Phase::idle) limits_.exchange();
}

void SharedLimits::exchange() {
    phase_ = Phase::exchanging;
    net::spawn(parts_.thread, exchange_all());
}

net::Task<void> SharedLimits::exchange_all() {
    const std::size_t nodes = parts_.live_nodes();
    for (Kind& kind : parts_.kinds) kind.counts.share_among(nodes);
    for (std::size_t kind = 0; kind < parts_.kinds.size(); ++kind) {
        for (std::size_t shard = 0; shard < SharedCounts::kShards; ++shard) {
            auto one = exchange_shard(kind, shard);
            co_await std::move(one);
        }
    }
    const bool idle = std::all_of(parts_.kinds.begin(), parts_.kinds.end(), [](const Kind& kind) {
        return kind.counts.falls_idle();
    });
    phase_ = idle ? Phase::idle : Phase::waiting;
    if (!idle) next_.set(kExchangeEvery);
}

net::Task<void> SharedLimits::exchange_shard(std::size_t kind, std::size_t shard) {
    SharedCounts& counts = parts_.kinds.at(kind).counts;
    const auto additions = counts.take_additions(shard, parts_.clock.now());
    if (additions.empty()) co_return;
    Call call = call_for(parts_.kinds.at(kind), additions);
    auto asking = parts_.client.run(kAddScript, std::move(call.keys), std::move(call.arguments));
    const redis::Answer answer = co_await std::move(asking);
    if (!answer || answer->items.size() != additions.size()) {
        // It may have been counted all the same: better that than to forget it for good.
        for (const auto& addition : additions) counts.give_back(addition);
        counts.see(shard, SharedCounts::Sight::own);
        co_return;
    }
    for (std::size_t i = 0; i < additions.size(); ++i) {
        counts.learn({.place = additions[i].place, .taken = answer->items[i].integer});
    }
    counts.see(shard, SharedCounts::Sight::all);
}

// One slot of a Redis Cluster holds all of a shard.
SharedLimits::Call SharedLimits::call_for(
    const Kind& kind,
    const std::vector<SharedCounts::Addition>& additions
) const {
    Call call;
    for (const SharedCounts::Addition& addition : additions) {
        const CountPlace& place = addition.place;
        std::string key = "{" + parts_.prefix + ":" + kind.name + ":";
        key += std::to_string(SharedCounts::shard_of(place.subject)) + "}:";
        key += std::to_string(place.subject) + ":" + std::to_string(place.window.count()) + ":";
        key += std::to_string(place.index);
        call.keys.push_back(std::move(key));
        const auto kept =
            std::chrono::ceil<std::chrono::milliseconds>(place.window + kKeptBeyondWindow);
        call.arguments.push_back(std::to_string(addition.count));
        call.arguments.push_back(std::to_string(kept.count()));
    }
    return call;
}

}  // namespace postern::cluster
