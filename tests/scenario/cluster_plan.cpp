#include "tests/scenario/cluster_plan.hpp"

#include <algorithm>

namespace postern::scenario {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

bool is_of_one_process(const Deed& deed) {
    switch (deed.kind) {
        case DeedKind::process_killed:
        case DeedKind::process_stopped:
        case DeedKind::clock_set:
        case DeedKind::endpoint_deleted:
        case DeedKind::store_stalls: return true;
        case DeedKind::event_arrives:
        case DeedKind::event_forgotten:
        case DeedKind::endpoint_disabled:
        case DeedKind::endpoint_enabled:
        case DeedKind::endpoint_edited:
        case DeedKind::store_fails:
        case DeedKind::delivery_retried:
        case DeedKind::delivery_canceled:
        case DeedKind::healed: return false;
    }
    return true;
}

Microseconds choose_span(NodeDeedKind kind, Random& random) {
    switch (kind) {
        case NodeDeedKind::killed:
        case NodeDeedKind::stopped: return random.within({milliseconds{500}, minutes{2}});
        // Some end just before the lease does, some after it.
        case NodeDeedKind::frozen:
        case NodeDeedKind::cut: return random.within({seconds{2}, seconds{40}});
        case NodeDeedKind::queue_flushed: return Microseconds{0};
        case NodeDeedKind::queue_down: return random.within({seconds{1}, minutes{10}});
    }
    return Microseconds{0};
}

}  // namespace

ClusterPlan make_cluster_plan(std::uint64_t seed, std::chrono::hours length) {
    ClusterPlan plan{.base = make_plan(seed, length)};
    Random random{seed ^ 0xC1057E5U};
    std::erase_if(plan.base.deeds, is_of_one_process);
    plan.base.limits.lanes = dispatch::EngineLimits::Lanes::by_grant;
    plan.nodes = static_cast<std::size_t>(2 + random.below(3));
    const std::int64_t deeds = 6 + random.below(20);
    constexpr auto kKinds = static_cast<std::int64_t>(NodeDeedKind::queue_down) + 1;
    for (std::int64_t i = 0; i < deeds; ++i) {
        NodeDeed deed;
        deed.kind = static_cast<NodeDeedKind>(random.below(kKinds));
        deed.node = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(plan.nodes)));
        deed.span = choose_span(deed.kind, random);
        // Mostly when something is under way.
        const Microseconds last = plan.base.heals_at - deed.span - seconds{1};
        const Deed& near = random.pick(plan.base.deeds);
        deed.at = random.one_in(4) ? random.within({seconds{1}, last})
                                   : near.at + random.within({milliseconds{1}, seconds{3}});
        deed.at = std::min(deed.at, last);
        plan.deeds.push_back(deed);
    }
    return plan;
}

}  // namespace postern::scenario
