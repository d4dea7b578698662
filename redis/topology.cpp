#include "redis/topology.hpp"

#include "redis/cluster.hpp"
#include "redis/single.hpp"
#include "redis/watched.hpp"

#include <utility>

namespace postern::redis {

std::unique_ptr<Topology> make_topology(const Surroundings& around, Topology::Events events) {
    switch (around.options->topology) {
        case Options::Topology::single: break;
        case Options::Topology::sentinel:
            return std::make_unique<Watched>(around, std::move(events));
        case Options::Topology::cluster:
            return std::make_unique<Cluster>(around, std::move(events));
    }
    return std::make_unique<Single>(around, std::move(events));
}

}  // namespace postern::redis
