#include "cluster/lane_claims_impl.hpp"
#include "core/log.hpp"
#include "net/spawn.hpp"

#include <algorithm>
#include <utility>

// The part of NodeLaneClaims that speaks with Redis.
namespace postern::cluster {

using dispatch::Nudge;
using std::chrono::steady_clock;

namespace {

// Between two looks at a shard: what falls due in so short a time is taken together.
constexpr std::chrono::milliseconds kClaimPause{5};
constexpr std::chrono::seconds kCallPause{1};

}  // namespace

void NodeLaneClaims::Impl::queue_is_up() {
    if (phase != Phase::running || node == 0) return;
    // Whatever it forgot of us, it learns again, and whatever fell due meanwhile is looked for.
    extend_all();
    look_at_all_shards();
    // A process that was this node before may have died before it told of what it had stored.
    if (reconciler->is_running()) {
        reconciler->hurry();
    } else if (!was_up) {
        net::spawn(*thread, call_for_rebuild());
    }
    was_up = true;
    note_status();
    turn_soon();
}

// Each look also says when the next lease ends, whoever has it.
void NodeLaneClaims::Impl::look_at_all_shards() {
    const SteadyTime now = steady_clock::now();
    for (Shard& part : shards) part.next = now;
    arm_claims();
}

void NodeLaneClaims::Impl::ask_queue() {
    for (std::size_t number = 0; number < kLaneShards; ++number) {
        std::vector<EndpointId> wanted = std::exchange(shards.at(number).wanted, {});
        if (!wanted.empty()) net::spawn(*thread, ask({number}, std::move(wanted)));
    }
}

std::vector<LaneCall> NodeLaneClaims::Impl::calls_for(const std::vector<EndpointId>& wanted) {
    std::vector<LaneCall> calls;
    for (const EndpointId endpoint : wanted) {
        const auto found = lanes.find(endpoint.value);
        if (found == lanes.end() || found->second.state != Lane::State::asking) continue;
        std::vector<Nudge> nudges = std::exchange(found->second.nudges, {});
        if (nudges.empty()) nudges.push_back({.endpoint = endpoint, .due_at = {}});
        for (const Nudge& nudge : nudges) {
            calls.push_back(
                {.endpoint = endpoint,
                 .wait = wait_until(nudge.due_at),
                 .queue = nudge.queue,
                 .delivery = nudge.delivery}
            );
        }
    }
    return calls;
}

net::Task<void> NodeLaneClaims::Impl::ask(LaneShard shard_asked, std::vector<EndpointId> wanted) {
    const std::int64_t as = node;
    const std::vector<LaneCall> calls = calls_for(wanted);
    const auto answer = co_await queue->want(shard_asked, calls);
    if (phase != Phase::running) co_return;
    if (answer && as == node) {
        answered(shard_asked, calls, *answer);
    } else {
        // Asked in an older name, or of a Redis that is away: the store will do.
        for (const LaneCall& call : calls) {
            const auto found = lanes.find(call.endpoint.value);
            if (found == lanes.end() || found->second.state != Lane::State::asking) continue;
            confirm(call.endpoint, found->second);
        }
    }
    confirm_some();
}

void NodeLaneClaims::Impl::answered(
    LaneShard which,
    const std::vector<LaneCall>& calls,
    const LaneQueue::WantAnswer& answer
) {
    note_state(which, answer.state);
    using Verdict = LaneQueue::WantAnswer::Verdict;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const auto found = lanes.find(calls[i].endpoint.value);
        if (found == lanes.end()) continue;
        Lane& lane = found->second;
        if (answer.items[i].verdict == Verdict::ours) {
            lane.queue_fence = answer.items[i].fence;
            if (lane.state == Lane::State::asking) confirm(calls[i].endpoint, lane);
            continue;
        }
        if (lane.state != Lane::State::asking) continue;
        const bool is_last = i + 1 == calls.size() || calls[i + 1].endpoint != calls[i].endpoint;
        if (!is_last) continue;
        if (lane.nudges.empty()) {
            lanes.erase(found);
        } else {
            ask_for(calls[i].endpoint, lane);  // more was wanted meanwhile
            turn_soon();
        }
    }
}

bool NodeLaneClaims::Impl::is_primary(LaneShard which) const {
    return primary_of(which, live) == node;
}

NodeLaneClaims::SteadyTime NodeLaneClaims::Impl::claim_at(LaneShard which) const {
    const Shard& part = shards.at(which.number);
    const bool waits = !is_primary(which) && live.size() > 1;
    const SteadyTime at =
        *part.next + (waits ? parts.timing.step_in_after : SteadyTime::duration{});
    return std::max(at, live.size() > 1 ? part.yields_until : SteadyTime{});
}

void NodeLaneClaims::Impl::arm_claims() {
    if (!is_queue_up() || node == 0) return;
    std::optional<SteadyTime> first;
    for (std::size_t number = 0; number < kLaneShards; ++number) {
        if (!shards.at(number).next || shards.at(number).claiming) continue;
        const SteadyTime at = claim_at({number});
        if (!first || at < *first) first = at;
    }
    if (!first) return;
    const auto wait = std::chrono::ceil<Microseconds>(*first - steady_clock::now());
    claim_alarm->set(std::max(wait, Microseconds{0}));
}

void NodeLaneClaims::Impl::claim_ring() {
    if (phase != Phase::running || !is_queue_up() || !has_lease()) return;
    const SteadyTime now = steady_clock::now();
    for (std::size_t number = 0; number < kLaneShards; ++number) {
        Shard& part = shards.at(number);
        if (!part.next || part.claiming || claim_at({number}) > now) continue;
        part.claiming = true;
        part.next.reset();
        net::spawn(*thread, claim({number}));
    }
    arm_claims();
}

net::Task<void> NodeLaneClaims::Impl::claim(LaneShard which) {
    const std::int64_t as = node;
    const auto answer = co_await queue->claim(which);
    Shard& part = shards.at(which.number);
    part.claiming = false;
    if (phase != Phase::running || as != node) co_return;
    part.claim_failed = !answer;
    if (!answer) {
        why_claim_failed = answer.error().reason;
        // Its return looks at every shard; a mere refusal is looked at again, whatever comes later.
        const SteadyTime again = steady_clock::now() + kCallPause;
        if (is_queue_up()) part.next = part.next ? std::min(*part.next, again) : again;
        arm_claims();
        co_return;
    }
    note_state(which, answer->state);
    if (answer->next) {
        const SteadyTime at =
            steady_clock::now() + std::max<SteadyTime::duration>(*answer->next, kClaimPause);
        part.next = part.next ? std::min(*part.next, at) : at;
    }
    for (const Leased& leased : answer->lanes) claimed(leased);
    arm_claims();
    confirm_some();
    turn_soon();
}

void NodeLaneClaims::Impl::claimed(const Leased& leased) {
    const auto [entry, is_new] = lanes.try_emplace(leased.endpoint.value);
    Lane& lane = entry->second;
    lane.queue_fence = leased.fence;
    if (is_new) {
        lane.since = steady_clock::now();
        confirm(leased.endpoint, lane);
        return;
    }
    // Redis had forgotten that it is ours, but not that something is due. Of one that is on its
    // way, this is what it has to be asked for again after.
    want({.endpoint = leased.endpoint, .due_at = parts.clock.now()});
    want(
        {.endpoint = leased.endpoint,
         .queue = storage::DeliveryQueue::retry,
         .due_at = parts.clock.now()}
    );
}

void NodeLaneClaims::Impl::extend_all() {
    ByShard<EndpointId> ours;
    for (const auto& [id, lane] : lanes) {
        const EndpointId endpoint{id};
        if (lane.state != Lane::State::held) continue;
        auto& part = ours.at(shard_of(endpoint).number);
        part.push_back(endpoint);
        if (part.size() < kExtendedAtOnce) continue;
        net::spawn(*thread, extend(shard_of(endpoint), std::exchange(part, {})));
    }
    for (std::size_t number = 0; number < kLaneShards; ++number) {
        if (ours.at(number).empty()) continue;
        net::spawn(*thread, extend({number}, std::move(ours.at(number))));
    }
}

net::Task<void> NodeLaneClaims::Impl::extend(LaneShard which, std::vector<EndpointId> ours) {
    const std::int64_t as = node;
    const auto answer = co_await queue->extend(which, std::move(ours));
    if (!answer || as != node || phase != Phase::running) co_return;
    note_state(which, answer->state);
    for (const Leased& leased : answer->lanes) {
        const auto found = lanes.find(leased.endpoint.value);
        if (found != lanes.end()) found->second.queue_fence = leased.fence;
    }
}

net::Task<void>
NodeLaneClaims::Impl::return_lanes(LaneShard which, std::vector<LaneQueue::Returned> returned) {
    // One that is not heard is due again at the end of its lease.
    const auto answer = co_await queue->give_back(which, std::move(returned));
    if (answer && phase == Phase::running) note_state(which, *answer);
}

net::Task<void>
NodeLaneClaims::Impl::hand_over(LaneShard which, std::vector<LaneQueue::HandedOver> handed_over) {
    const auto answer = co_await queue->hand_over(which, std::move(handed_over));
    if (answer && phase == Phase::running) note_state(which, *answer);
}

void NodeLaneClaims::Impl::note_state(LaneShard which, ShardState state) {
    Shard& part = shards.at(which.number);
    if (state == ShardState::filled) {
        part.emptied = false;
        return;
    }
    const auto is_emptied = [](const Shard& other) {
        return other.emptied;
    };
    if (std::none_of(shards.begin(), shards.end(), is_emptied)) {
        metrics.flushes.add();
        log::warn("queue.emptied");
        extend_all();
    }
    part.emptied = true;
    const SteadyTime now = steady_clock::now();
    if (now - called_at < kCallPause) return;
    called_at = now;
    if (reconciler->is_running()) {
        reconciler->hurry();
    } else {
        net::spawn(*thread, call_for_rebuild());
    }
}

// The shards of which Redis wakes nobody: all of them without it, and those whose server is away or
// refuses to write, as one does whose memory is full. A claim tells of what is due in Redis, the
// leader's comparison of what should be.
NodeLaneClaims::Impl::ShardSet NodeLaneClaims::Impl::left_to_store() const {
    ShardSet left;
    if (!is_queue_up()) return left.set();
    for (std::size_t number = 0; number < kLaneShards; ++number) {
        left.set(number, shards.at(number).claim_failed || reconciler->has_failed({number}));
    }
    return left;
}

std::string NodeLaneClaims::Impl::why_queue_is_down() const {
    const auto has_failed = [](const Shard& part) {
        return part.claim_failed;
    };
    if (!is_queue_up() || left_to_store().none()) return client->why_down();
    const bool in_claims = std::any_of(shards.begin(), shards.end(), has_failed);
    return in_claims ? why_claim_failed : reconciler->why_failed();
}

net::Task<void> NodeLaneClaims::Impl::call_for_rebuild() {
    co_await queue->call_for_rebuild();
}

}  // namespace postern::cluster
