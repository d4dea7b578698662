#pragma once

#include "tests/scenario/plan.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace postern::scenario {

enum class NodeDeedKind : std::uint8_t {
    killed,         // and started again after `span`
    stopped,        // in order
    frozen,         // for `span`: it notices nothing
    cut,            // from the store and from the queue, for `span`
    queue_flushed,  // `node` does not matter
    queue_down,     // for `span`
};

struct NodeDeed {
    Microseconds at{0};
    NodeDeedKind kind = NodeDeedKind::killed;
    std::size_t node = 0;
    Microseconds span{0};
};

// A plan for several nodes. What happens to one process or to the clock in `base` is left out: the
// clock's jumps are another simulation's matter.
struct ClusterPlan {
    Plan base;
    std::size_t nodes = 3;
    std::vector<NodeDeed> deeds;
};

ClusterPlan make_cluster_plan(std::uint64_t seed, std::chrono::hours length);

}  // namespace postern::scenario
