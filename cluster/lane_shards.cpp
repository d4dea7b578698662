#include "cluster/lane_shards.hpp"

namespace postern::cluster {
namespace {

std::string channel(std::string_view prefix, std::string_view name) {
    std::string text{prefix};
    text += ':';
    text += name;
    return text;
}

}  // namespace

LaneShard shard_of(EndpointId endpoint) {
    // Ids of one moment differ in few bits; every bit of the shard has to depend on all of them.
    auto mixed = static_cast<std::uint64_t>(endpoint.value);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    mixed ^= mixed >> 31;
    return {static_cast<std::size_t>(mixed % kLaneShards)};
}

std::vector<std::string> lane_keys(std::string_view prefix, LaneShard shard) {
    std::string tag = "{";
    tag += prefix;
    tag += ':';
    tag += std::to_string(shard.number);
    tag += "}:";
    std::vector<std::string> keys;
    for (const std::string_view name : {"alive", "due", "leased", "lanes", "asked"}) {
        keys.push_back(tag);
        keys.back() += name;
    }
    return keys;
}

std::string node_channel(std::string_view prefix, std::int64_t node) {
    return channel(prefix, "node:") + std::to_string(node);
}

std::string due_channel(std::string_view prefix) {
    return channel(prefix, "due");
}

std::string rebuild_channel(std::string_view prefix) {
    return channel(prefix, "rebuild");
}

std::int64_t primary_of(LaneShard shard, const std::vector<std::int64_t>& live) {
    return live.empty() ? 0 : live[shard.number % live.size()];
}

}  // namespace postern::cluster
