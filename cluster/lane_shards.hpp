#pragma once

#include "core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The lanes are spread over shards, so that a Redis cluster spreads them over its servers and the
// nodes share out who looks after what falls due.
namespace postern::cluster {

// Part of what is stored in Redis: nodes that count differently would not find each other's lanes.
inline constexpr std::size_t kLaneShards = 16;

struct LaneShard {
    std::size_t number = 0;
    auto operator<=>(const LaneShard&) const = default;
};

LaneShard shard_of(EndpointId endpoint);

// As the scripts want them. The braces make a Redis cluster keep them together.
std::vector<std::string> lane_keys(std::string_view prefix, LaneShard shard);

std::string node_channel(std::string_view prefix, std::int64_t node);
std::string due_channel(std::string_view prefix);      // a shard has something due earlier
std::string rebuild_channel(std::string_view prefix);  // somebody found a shard emptied

// The one that looks at once when something falls due. `live`: ascending.
std::int64_t primary_of(LaneShard shard, const std::vector<std::int64_t>& live);

}  // namespace postern::cluster
