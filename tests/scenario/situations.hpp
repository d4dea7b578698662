#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What a simulation must have seen to prove anything: a fault that never happened was not survived.
namespace postern::scenario {

enum class Situation : std::uint8_t {
    delivered_at_once,
    delivered_after_failures,
    breaker_opened,
    breaker_probed,
    endpoint_failing_notice,
    endpoint_recovered_notice,
    disabled_as_hopeless,
    disabled_as_gone,
    disabled_on_request,
    message_aborted,
    schedule_exhausted,
    grown_too_old,
    retry_after_honoured,
    reply_lost,
    redirect_refused,
    held_for_order,
    successor_promoted,
    set_aside,
    superseded,
    skipped_unsubscribed,
    skipped_event_gone,
    recorded_for_disabled,
    disabled_in_flight,
    deleted_in_flight,
    edited_in_flight,
    retried_by_hand,
    retried_in_flight,
    canceled_by_hand,
    canceled_in_flight,
    stale_record,
    stale_load,
    load_failed,
    record_failed,
    ingest_failed,
    crash_in_flight,
    crash_between_send_and_record,
    sent_again_after_crash,
    stopped_in_flight,
    spilled_and_reloaded,
    rate_limited,
    endpoint_cap_reached,
    origin_cap_reached,
    clock_set_forward,
    clock_set_back,
    due_far_ahead_sent,
    recovered_after_death,
};
inline constexpr std::size_t kSituationCount =
    static_cast<std::size_t>(Situation::recovered_after_death) + 1;

std::string_view to_text(Situation situation);

class Situations {
 public:
    void saw(Situation situation) { ++counts_[static_cast<std::size_t>(situation)]; }
    void add(const Situations& other);
    std::int64_t count(Situation situation) const {
        return counts_[static_cast<std::size_t>(situation)];
    }
    std::vector<Situation> never_seen() const;

 private:
    std::array<std::int64_t, kSituationCount> counts_{};
};

}  // namespace postern::scenario
