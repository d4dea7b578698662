#include "tests/scenario/process.hpp"

#include <utility>

// The process as one of several: what the real dispatcher does with lanes that come and go.
namespace postern::scenario {

using std::chrono::seconds;

namespace {

constexpr Microseconds kSweepPause = seconds{5};
constexpr std::size_t kSweptAtOnce = 256;

}  // namespace

void Process::when_awake(std::function<void()> deed) {
    if (!is_frozen()) return deed();
    parts_.agenda.at(frozen_until_, [this, life = weak_from_this(), deed = std::move(deed)] {
        if (!life.expired()) when_awake(deed);
    });
}

void Process::granted(EndpointId lane, std::int64_t fence) {
    engine_.revoke(lane);
    granting_[lane] = fence;
    read_health(lane, fence);
    poll_soon();
}

void Process::revoked(EndpointId lane) {
    granting_.erase(lane);
    engine_.revoke(lane);
    poll_soon();
}

void Process::read_health(EndpointId lane, std::int64_t fence) {
    later(read_delay(), [this, lane, fence] {
        if (read_fails()) {
            return later(seconds{1}, [this, lane, fence] { read_health(lane, fence); });
        }
        later(read_delay(), [this, lane, fence, health = parts_.store.health(lane)] {
            const auto expected = granting_.find(lane);
            if (expected == granting_.end() || expected->second != fence) return;
            granting_.erase(expected);
            engine_.grant(lane, health, clock_.now());
            poll_soon();
        });
    });
}

void Process::act(const dispatch::WantLane& want) {
    const dispatch::Nudge& nudge = want.nudge;
    if (nudge.delivery.value == 0 && granting_.contains(nudge.endpoint)) return;
    parts_.lanes->want(nudge);
}

void Process::act(const dispatch::GiveBackLane& lane) {
    parts_.lanes->give_back(lane);
}

void Process::hand_over() {
    const TimePoint now = clock_.now();
    for (const dispatch::GiveBackLane& lane : engine_.give_all_back(now)) act(lane);
    for (const auto& [lane, fence] : std::exchange(granting_, {})) {
        act(dispatch::GiveBackLane{.endpoint = lane, .next_due = now});
    }
}

void Process::stand() {
    if (parts_.lanes == nullptr) return;
    engine_.stand(
        {.ours_until = clock_.now() + (parts_.lanes->ours_until() - parts_.agenda.now()),
         .live_nodes = parts_.lanes->live_nodes()}
    );
}

bool Process::may_send(DeliveryId delivery) const {
    if (parts_.lanes == nullptr) return true;
    return engine_.may_send(delivery) && parts_.agenda.now() < parts_.lanes->ours_until();
}

void Process::sweep() {
    later(kSweepPause, [this] { sweep(); });
    const std::vector<EndpointId> ours = engine_.ours_after({}, kSweptAtOnce);
    for (const EndpointId lane : ours) {
        if (read_fails()) continue;
        for (const auto queue : {storage::DeliveryQueue::fresh, storage::DeliveryQueue::retry}) {
            const auto due_at = parts_.store.first_due(lane, queue);
            if (!due_at || *due_at > clock_.now()) continue;
            engine_.nudge({.endpoint = lane, .queue = queue, .due_at = *due_at});
        }
    }
    if (!ours.empty()) poll_soon();
}

}  // namespace postern::scenario
