#include "tests/scenario/cluster_situations.hpp"

namespace postern::scenario {
namespace {

constexpr std::array<std::string_view, kClusterSituationCount> kNames = {
    "lane granted",
    "lane given back",
    "lane given back for later",
    "starved lane given back",
    "lane served by another next",
    "lane lost in flight",
    "lapsed",
    "lapsed while frozen",
    "lapsed while cut",
    "frozen in flight",
    "killed in flight",
    "stopped in flight",
    "queue flushed",
    "queue down",
    "message lost",
    "message late",
    "message doubled",
    "grant came twice",
    "claimed by due time",
    "repaired by reconciler",
    "granted in a pause",
    "offer waited for its lane",
    "sent from memory after a grant",
    "start refused by lease",
    "late end recorded",
    "stale record",
    "sent twice after a loss",
    "origin cap reached",
    "rate limited",
    "successor on another node",
    "held for order",
    "retried by hand elsewhere",
    "canceled elsewhere",
    "disabled by its answer",
    "breaker opened",
    "delivered",
    "died",
};

}  // namespace

std::string_view to_text(ClusterSituation situation) {
    return kNames[static_cast<std::size_t>(situation)];
}

void ClusterSituations::add(const ClusterSituations& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

std::vector<ClusterSituation> ClusterSituations::never_seen() const {
    std::vector<ClusterSituation> missing;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        if (counts_[i] == 0) missing.push_back(static_cast<ClusterSituation>(i));
    }
    return missing;
}

}  // namespace postern::scenario
