#include "cluster/lane_claims_impl.hpp"
#include "core/log.hpp"
#include "net/spawn.hpp"

#include <algorithm>
#include <utility>

// The part of NodeLaneClaims that asks the store.
namespace postern::cluster {

using dispatch::LaneClaims;
using std::chrono::steady_clock;
using storage::Connection;

void NodeLaneClaims::Impl::confirm(EndpointId endpoint, Lane& lane) {
    lane.state = Lane::State::confirming;
    to_confirm.push_back(endpoint);
}

// One question at a time: what is wanted meanwhile is asked for together after it.
void NodeLaneClaims::Impl::confirm_some() {
    if (confirming || to_confirm.empty() || !has_lease()) return;
    confirming = true;
    auto confirmation = std::make_shared<Confirmation>();
    confirmation->node = node;
    const std::size_t count = std::min(to_confirm.size(), kConfirmedAtOnce);
    const auto end = to_confirm.begin() + static_cast<std::ptrdiff_t>(count);
    confirmation->lanes.assign(to_confirm.begin(), end);
    to_confirm.erase(to_confirm.begin(), end);
    store->submit(
        [confirmation](Connection& connection) -> LaneStore::Outcome {
            auto verdicts = confirm_lanes(connection, {confirmation->node, confirmation->lanes});
            if (!verdicts) return verdicts.error();
            confirmation->verdicts = std::move(*verdicts);
            return {};
        },
        [this, confirmation](LaneStore::Outcome outcome) { confirmed(*confirmation, outcome); }
    );
}

// What the store's verdicts mean for the listener, for Redis and for the lanes that go on.
struct NodeLaneClaims::Impl::Settled {
    SteadyTime now;
    std::vector<Granted> granted;
    std::vector<EndpointId> contested;
    ByShard<LaneQueue::HandedOver> taken;
    ByShard<LaneQueue::Returned> gone;
};

void NodeLaneClaims::Impl::confirmed(const Confirmation& confirmation, LaneStore::Outcome outcome) {
    confirming = false;
    if (phase != Phase::running) return;
    confirm_failed_at = outcome ? std::nullopt : std::optional{steady_clock::now()};
    if (!outcome || confirmation.node != node || !has_lease()) {
        ask_again(confirmation.lanes, parts.timing.tick);
        return confirm_some();
    }
    Settled settled{.now = steady_clock::now()};
    for (const LaneVerdict& verdict : confirmation.verdicts) settle(verdict, settled);
    ask_again(settled.contested, parts.timing.retry_after);
    if (is_queue_up()) tell_queue(settled);
    metrics.claimed.add(static_cast<double>(settled.granted.size()));
    if (!settled.granted.empty()) listener->granted(settled.granted);
    confirm_some();
}

void NodeLaneClaims::Impl::settle(const LaneVerdict& verdict, Settled& settled) {
    const auto found = lanes.find(verdict.endpoint.value);
    if (found == lanes.end()) return;
    Lane& lane = found->second;
    // Asked for again while it was on its way: the row is as new as this answer.
    const bool is_held = lane.state == Lane::State::held;
    if (is_held && verdict.kind == LaneVerdict::Kind::ours) lane.store_fence = verdict.fence;
    if (lane.state != Lane::State::confirming) return;
    const std::size_t number = shard_of(verdict.endpoint).number;
    switch (verdict.kind) {
        case LaneVerdict::Kind::contested: settled.contested.push_back(verdict.endpoint); return;
        case LaneVerdict::Kind::ours: {
            lane.state = Lane::State::held;
            lane.store_fence = verdict.fence;
            lane.nudges.clear();  // whoever is given a lane reads all of it
            ++held;
            const std::chrono::duration<double> took = settled.now - lane.since;
            metrics.claim_seconds.observe(took.count());
            settled.granted.push_back({.endpoint = verdict.endpoint, .fence = verdict.fence});
            return;
        }
        case LaneVerdict::Kind::taken:
            metrics.refused.add();
            settled.taken.at(number).push_back(
                {verdict.endpoint, lane.queue_fence, verdict.owner, Microseconds{0}}
            );
            break;
        case LaneVerdict::Kind::gone:
            settled.gone.at(number).push_back(
                {verdict.endpoint, lane.queue_fence, std::nullopt, lane.number_seen}
            );
            break;
    }
    lanes.erase(found);
}

void NodeLaneClaims::Impl::tell_queue(Settled& settled) {
    for (std::size_t number = 0; number < kLaneShards; ++number) {
        auto& taken = settled.taken.at(number);
        if (!taken.empty()) net::spawn(*thread, hand_over({number}, std::move(taken)));
        auto& gone = settled.gone.at(number);
        if (!gone.empty()) net::spawn(*thread, return_lanes({number}, std::move(gone)));
    }
}

void NodeLaneClaims::Impl::ask_again(
    const std::vector<EndpointId>& again,
    std::chrono::milliseconds wait
) {
    for (const EndpointId endpoint : again) {
        const auto found = lanes.find(endpoint.value);
        if (found == lanes.end() || found->second.state != Lane::State::confirming) continue;
        ask_for(endpoint, found->second);
    }
    // The tick comes by itself.
    if (!again.empty() && wait < parts.timing.tick) retry_alarm->set(wait);
}

HeldLane NodeLaneClaims::Impl::held_lane(EndpointId endpoint) const {
    const auto found = lanes.find(endpoint.value);
    return {endpoint, found == lanes.end() ? 0 : found->second.store_fence};
}

void NodeLaneClaims::Impl::release_some() {
    if (releasing || to_release.empty() || node == 0) return;
    releasing = true;
    const std::vector<EndpointId> given = std::exchange(to_release, {});
    std::vector<HeldLane> rows;
    for (const EndpointId endpoint : given) rows.push_back(held_lane(endpoint));
    store->submit(
        [rows = std::move(rows), as = node](Connection& connection) {
            return release_lanes(connection, as, rows);
        },
        [this, given](LaneStore::Outcome outcome) { released(given, outcome); }
    );
}

void NodeLaneClaims::Impl::released(
    const std::vector<EndpointId>& given,
    LaneStore::Outcome outcome
) {
    releasing = false;
    if (phase != Phase::running) return;
    ByShard<LaneQueue::Returned> returned;
    for (const EndpointId endpoint : given) {
        const auto found = lanes.find(endpoint.value);
        if (found == lanes.end() || found->second.state != Lane::State::releasing) continue;
        Lane& lane = found->second;
        if (!outcome) {
            to_release.push_back(endpoint);
        } else if (!lane.nudges.empty()) {
            lane.since = steady_clock::now();
            ask_for(endpoint, lane);
        } else {
            LaneQueue::Returned row{endpoint, lane.queue_fence, {}, lane.number_seen};
            if (lane.next_due) row.wait = wait_until(*lane.next_due);
            returned.at(shard_of(endpoint).number).push_back(row);
            lanes.erase(found);
        }
    }
    for (std::size_t number = 0; number < kLaneShards && is_queue_up(); ++number) {
        auto& part = returned.at(number);
        if (!part.empty()) net::spawn(*thread, return_lanes({number}, std::move(part)));
    }
    // One that the store did not hear is told again with the next turn, a second later at most.
    if (outcome) turn_soon();
}

struct NodeLaneClaims::Impl::Leaving {
    std::vector<HeldLane> all;
    ByShard<LaneQueue::Returned> returned;
};

void NodeLaneClaims::Impl::give_all_back() {
    if (lanes.empty()) return;
    const auto rows = std::make_shared<Leaving>();
    for (const auto& [id, lane] : lanes) {
        const EndpointId endpoint{id};
        rows->all.push_back(held_lane(endpoint));
        LaneQueue::Returned row{endpoint, lane.queue_fence, Microseconds{0}, lane.number_seen};
        if (lane.state == Lane::State::releasing && lane.nudges.empty()) {
            row.wait = lane.next_due ? std::optional{wait_until(*lane.next_due)} : std::nullopt;
        }
        rows->returned.at(shard_of(endpoint).number).push_back(row);
    }
    ++leaving;
    store->submit(
        [as = node, rows](Connection& connection) {
            return release_lanes(connection, as, rows->all);
        },
        [this, rows](LaneStore::Outcome outcome) { all_given_back(*rows, outcome); }
    );
}

// After the store, which would refuse whomever Redis wakes before it: they would believe that the
// lane is ours still, and leave it alone for seconds. A store that fails may hear it a little
// later.
void NodeLaneClaims::Impl::all_given_back(Leaving& rows, LaneStore::Outcome outcome) {
    constexpr Microseconds kHeardAfter = std::chrono::milliseconds{200};
    for (std::size_t number = 0; number < kLaneShards && is_queue_up(); ++number) {
        auto& part = rows.returned.at(number);
        if (part.empty()) continue;
        for (LaneQueue::Returned& row : part) {
            if (!outcome && row.wait) row.wait = std::max(*row.wait, kHeardAfter);
        }
        ++leaving;
        net::spawn(*thread, leave({number}, std::move(part)));
    }
    --leaving;
}

net::Task<void>
NodeLaneClaims::Impl::leave(LaneShard which, std::vector<LaneQueue::Returned> returned) {
    co_await return_lanes(which, std::move(returned));
    --leaving;
}

// The store may have lanes as ours that we know nothing of: from before this process, from before a
// lease that ran out here and was renewed in time, or because a crash of the server undid that they
// were given back. Everybody else counts them as served. With Redis, whoever is given such a lane
// learns whose it is and tells us; without it only we can find them, so we look now and then.
void NodeLaneClaims::Impl::take_up_lanes() {
    const SteadyTime now = steady_clock::now();
    const bool is_due = may_have_forgotten || (now >= take_up_at && left_to_store().any());
    if (!is_due || taking_up || !has_lease()) return;
    taking_up = true;
    may_have_forgotten = false;
    take_up_at = now + parts.timing.take_up_every;
    const auto found = std::make_shared<std::vector<EndpointId>>();
    store->submit(
        [as = node, found](Connection& connection) -> LaneStore::Outcome {
            auto ours = list_lanes_of(connection, as);
            if (!ours) return ours.error();
            *found = std::move(*ours);
            return {};
        },
        [this, found](LaneStore::Outcome outcome) { taken_up(*found, outcome); }
    );
}

// The store's answers come in the order of the questions: what was released before this one is not
// among them, and what is released after it is known here still.
void NodeLaneClaims::Impl::taken_up(
    const std::vector<EndpointId>& found,
    LaneStore::Outcome outcome
) {
    taking_up = false;
    if (phase != Phase::running) return;
    if (!outcome) may_have_forgotten = true;
    for (const EndpointId endpoint : found) {
        if (!lanes.contains(endpoint.value)) want({.endpoint = endpoint});
    }
    turn_soon();
}

// Who only receives tells nobody of what it stored.
NodeLaneClaims::Impl::ShardSet NodeLaneClaims::Impl::swept_shards() const {
    return only_receiving > 0 ? ShardSet{}.set() : left_to_store();
}

// The endpoints that fall to this node, all of them about once a second. The others may reach Redis
// and not know what is missing there, or look at nothing: what they leave for a while, the leader
// finds.
void NodeLaneClaims::Impl::sweep() {
    const ShardSet left = swept_shards();
    if (left.none() || sweeping || !has_lease()) return;
    const bool leads = reconciling;
    for (const EndpointId endpoint : parts.endpoints()) {
        const LaneShard which = shard_of(endpoint);
        if (!left.test(which.number) || lanes.contains(endpoint.value)) continue;
        if (is_primary(which)) {
            share.push_back(endpoint);
        } else if (leads) {
            share_of_others.push_back(endpoint);
        }
    }
    sweep_next();
}

void NodeLaneClaims::Impl::sweep_next() {
    if (swept_shards().none()) forget_shares();
    const bool is_of_others = share.empty();
    std::vector<EndpointId>& rest = is_of_others ? share_of_others : share;
    if (rest.empty()) return;
    sweeping = true;
    const std::size_t count = std::min(rest.size(), kSweptAtOnce);
    const auto begin = rest.end() - static_cast<std::ptrdiff_t>(count);
    const std::vector<EndpointId> slice{begin, rest.end()};
    rest.erase(begin, rest.end());
    // Those whose it is look first.
    const auto patience = is_of_others ? parts.timing.step_in_after : std::chrono::milliseconds{0};
    auto found = std::make_shared<std::vector<EndpointId>>();
    store->submit(
        [slice, found, by = parts.clock.now() - patience](Connection& connection
        ) -> LaneStore::Outcome {
            auto rows = find_unserved(connection, slice, by);
            if (!rows) return rows.error();
            *found = std::move(*rows);
            return {};
        },
        [this, found](LaneStore::Outcome outcome) { swept(*found, outcome); }
    );
}

void NodeLaneClaims::Impl::swept(const std::vector<EndpointId>& found, LaneStore::Outcome outcome) {
    sweeping = false;
    if (phase != Phase::running) return;
    if (!outcome) return forget_shares();
    const TimePoint now = parts.clock.now();
    for (const EndpointId endpoint : found) want({.endpoint = endpoint, .due_at = now});
    turn_soon();
    sweep_next();
}

void NodeLaneClaims::Impl::forget_shares() {
    share.clear();
    share_of_others.clear();
}

}  // namespace postern::cluster
