#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// What the simulation of several nodes must have seen to prove anything.
namespace postern::scenario {

enum class ClusterSituation : std::uint8_t {
    lane_granted,
    lane_given_back,
    lane_given_back_for_later,
    starved_lane_given_back,
    lane_served_by_another_next,
    lane_lost_in_flight,
    lapsed,
    lapsed_while_frozen,
    lapsed_while_cut,
    frozen_in_flight,
    killed_in_flight,
    stopped_in_flight,
    queue_flushed,
    queue_down,
    message_lost,
    message_late,
    message_doubled,
    grant_came_twice,
    claimed_by_due_time,
    repaired_by_reconciler,
    granted_in_a_pause,
    offer_waited_for_its_lane,
    sent_from_memory_after_a_grant,
    start_refused_by_lease,
    late_end_recorded,
    stale_record,
    sent_twice_after_a_loss,
    origin_cap_reached,
    rate_limited,
    successor_on_another_node,
    held_for_order,
    retried_by_hand_elsewhere,
    canceled_elsewhere,
    disabled_by_its_answer,
    breaker_opened,
    delivered,
    died,
};
inline constexpr std::size_t kClusterSituationCount =
    static_cast<std::size_t>(ClusterSituation::died) + 1;

std::string_view to_text(ClusterSituation situation);

class ClusterSituations {
 public:
    void saw(ClusterSituation situation) { ++counts_[static_cast<std::size_t>(situation)]; }
    void add(const ClusterSituations& other);
    std::vector<ClusterSituation> never_seen() const;
    std::int64_t count(ClusterSituation situation) const {
        return counts_[static_cast<std::size_t>(situation)];
    }

 private:
    std::array<std::int64_t, kClusterSituationCount> counts_{};
};

}  // namespace postern::scenario
