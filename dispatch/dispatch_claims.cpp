#include "dispatch/dispatch_loop.hpp"

#include <algorithm>
#include <utility>

// The dispatcher among other nodes: lanes that come and go.
namespace postern::dispatch {
namespace {

// It is asked for anew at every poll.
constexpr Microseconds kStandingMax = std::chrono::hours{1};

}  // namespace

// How things stand with the endpoint is known to the node that had the lane before, and to the
// store.
void DispatchLoop::granted(const std::vector<LaneClaims::Granted>& lanes) {
    for (const LaneClaims::Granted& lane : lanes) {
        engine_.revoke(lane.endpoint);
        granting_[lane.endpoint] = lane.fence;
    }
    start_health_read(lanes);
    poll_soon();
}

void DispatchLoop::start_health_read(const std::vector<LaneClaims::Granted>& lanes) {
    ++reads_;
    ++health_reads_;
    auto read = std::make_unique<HealthRead>(thread_, on_health_);
    HealthRead::start(std::move(read), lanes, parts_.readers);
}

void DispatchLoop::revoked(const std::vector<EndpointId>& lanes) {
    for (const EndpointId lane : lanes) {
        granting_.erase(lane);
        engine_.revoke(lane);
    }
    poll_soon();
}

void DispatchLoop::due(const std::vector<Nudge>& nudges) {
    for (const Nudge& nudge : nudges) engine_.nudge(nudge);
    poll_soon();
}

// Again, for those whose first read failed.
void DispatchLoop::read_health() {
    if (granting_.empty() || health_reads_ > 0 || phase_ != Phase::running) return;
    std::vector<LaneClaims::Granted> lanes;
    for (const auto& [endpoint, fence] : granting_) lanes.push_back({endpoint, fence});
    start_health_read(lanes);
}

void DispatchLoop::health_read(std::vector<HealthRead::Found>* found) {
    --reads_;
    --health_reads_;
    if (found == nullptr) return;
    const TimePoint now = clock_.now();
    for (const HealthRead::Found& each : *found) {
        const auto expected = granting_.find(each.lane.endpoint);
        const bool is_current = expected != granting_.end() && expected->second == each.lane.fence;
        if (!is_current) continue;
        granting_.erase(expected);
        engine_.grant(each.lane.endpoint, each.health, now);
    }
    poll_soon();
}

void DispatchLoop::stand() {
    if (parts_.claims == nullptr) return;
    const auto left = std::chrono::duration_cast<Microseconds>(
        parts_.claims->ours_until() - std::chrono::steady_clock::now()
    );
    engine_.stand(
        {.ours_until = clock_.now() + std::min(left, kStandingMax),
         .live_nodes = parts_.claims->live_nodes()}
    );
}

// Reading the event took its time.
bool DispatchLoop::may_send(DeliveryId delivery) const {
    if (parts_.claims == nullptr) return true;
    return engine_.may_send(delivery)
           && std::chrono::steady_clock::now() < parts_.claims->ours_until();
}

storage::LaneHolder DispatchLoop::holder() const {
    return parts_.claims == nullptr ? storage::LaneHolder{} : parts_.claims->holder();
}

void DispatchLoop::act(const WantLane& want) {
    const Nudge& nudge = want.nudge;
    // A lane that is about to be ours looks at all that is stored then. The claims hold it already
    // and would say at once that something is due on it, and so on until its health has been read.
    if (granting_.contains(nudge.endpoint)) return;
    wanted_.push_back(nudge);
}

void DispatchLoop::send_claims() {
    if (parts_.claims == nullptr || phase_ == Phase::over) return;
    if (!given_back_.empty()) parts_.claims->give_back(std::exchange(given_back_, {}));
    if (!wanted_.empty()) parts_.claims->want(std::exchange(wanted_, {}));
}

void DispatchLoop::hand_over() {
    if (parts_.claims == nullptr) return;
    const TimePoint now = clock_.now();
    for (const GiveBackLane& lane : engine_.give_all_back(now)) act(lane);
    // What they wait for was not looked at.
    for (const auto& [endpoint, fence] : granting_) given_back_.push_back({endpoint, now});
    granting_.clear();
    send_claims();
    phase_ = Phase::over;
    parts_.claims->stop();
}

}  // namespace postern::dispatch
