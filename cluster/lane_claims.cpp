#include "cluster/lane_claims.hpp"

#include "cluster/lane_claims_impl.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace postern::cluster {

using dispatch::Nudge;
using std::chrono::steady_clock;
using storage::Connection;

LaneMetrics::LaneMetrics(MetricRegistry& metrics)
    : held{metrics.gauge({"postern_lanes_held", "Endpoints that this node serves"})},
      queue_up{metrics.gauge({"postern_queue_up", "1 while Redis can be used for every lane"})},
      store_up{metrics.gauge(
          {"postern_lanes_store_up",
           "1 unless the store fails to say which endpoints this node serves"}
      )},
      claimed{
          metrics.counter({"postern_lanes_claimed_total", "Endpoints that this node began to serve"}
          )},
      refused{metrics.counter(
          {"postern_lanes_refused_total",
           "Endpoints that Redis gave and the store did not, because another node has them"}
      )},
      revoked{metrics.counter(
          {"postern_lanes_revoked_total",
           "Endpoints that were lost because this node's lease had ended"}
      )},
      flushes{metrics.counter(
          {"postern_queue_flushes_total",
           "Answers of Redis by which it had lost what it knew; it is filled again"}
      )},
      claim_seconds{metrics.histogram(
          {"postern_lane_claim_seconds", "From wanting an endpoint to serving it"},
          {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
      )} {}

// Many things are wanted in one turn of the loop, and one question for each shard serves them all.
class NodeLaneClaims::Impl::TurnLetter final : public net::Letter {
 public:
    explicit TurnLetter(Impl& claims) : claims_{claims} {}

    void send() {
        if (under_way_) return;
        under_way_ = true;
        claims_.thread->mailbox().drop(*this);
    }
    void delivered() noexcept override {
        under_way_ = false;
        claims_.turn();
    }

 private:
    Impl& claims_;
    bool under_way_ = false;
};

NodeLaneClaims::NodeLaneClaims(Parts parts) : impl_{std::make_unique<Impl>(std::move(parts))} {}

NodeLaneClaims::~NodeLaneClaims() = default;

void NodeLaneClaims::start(net::IoThread& thread, Listener& listener) {
    impl_->start(thread, listener);
}

void NodeLaneClaims::want(const std::vector<Nudge>& nudges) {
    for (const Nudge& nudge : nudges) impl_->want(nudge);
    impl_->turn_soon();
}

void NodeLaneClaims::give_back(const std::vector<Idle>& lanes) {
    for (const Idle& idle : lanes) impl_->give_back(idle);
    impl_->turn_soon();
}

NodeLaneClaims::SteadyTime NodeLaneClaims::ours_until() const {
    const NodeLease lease = impl_->parts.lease();
    return lease.node != 0 && lease.node == impl_->node_of_lanes ? lease.until : SteadyTime{};
}

storage::LaneHolder NodeLaneClaims::holder() const {
    return {.node_id = impl_->node_of_lanes};
}

std::size_t NodeLaneClaims::live_nodes() const {
    return std::max<std::size_t>(1, impl_->live.size());
}

void NodeLaneClaims::stop() {
    impl_->stop();
}

bool NodeLaneClaims::has_stopped() const {
    return impl_->phase != Impl::Phase::running && impl_->leaving == 0;
}

void NodeLaneClaims::thread_ended() {
    impl_->thread_ended();
}

void NodeLaneClaims::set_reconciling(Reconciling reconciling) {
    impl_->reconciling = reconciling == Reconciling::yes;
}

NodeLaneClaims::Status NodeLaneClaims::status() const {
    return impl_->status();
}

NodeLaneClaims::Impl::Impl(Parts parts_to_keep)
    : parts{std::move(parts_to_keep)}, metrics{parts.metrics} {
    if (parts.queue) last_status.queue = QueueState::down;
}

NodeLaneClaims::Status NodeLaneClaims::Impl::status() const {
    const std::lock_guard lock{mutex};
    return last_status;
}

void NodeLaneClaims::Impl::start(net::IoThread& io_thread, Listener& told) {
    thread = &io_thread;
    listener = &told;
    phase = Phase::running;
    turn_letter = std::make_unique<TurnLetter>(*this);
    ticker = std::make_unique<net::Alarm>(io_thread, [this] { tick(); });
    claim_alarm = std::make_unique<net::Alarm>(io_thread, [this] { claim_ring(); });
    retry_alarm = std::make_unique<net::Alarm>(io_thread, [this] { turn(); });
    store = std::make_unique<LaneStore>(io_thread, parts.open_store);
    if (parts.queue) {
        client = std::make_unique<redis::Client>(io_thread, *parts.queue);
        queue = std::make_unique<LaneQueue>(*client, parts.lanes);
        reconciler = std::make_unique<Reconciler>(Reconciler::Parts{
            .thread = io_thread,
            .store = *store,
            .queue = *queue,
            .clock = parts.clock,
            .metrics = parts.metrics,
            .is_queue_up = [this] { return is_queue_up(); },
            .limits = {.walk_every = parts.timing.walk_every}});
    }
    follow_lease();
    if (client) {
        client->on_up([this] { queue_is_up(); });
        client->subscribe(due_channel(parts.lanes.prefix), [this](std::string_view message) {
            heard_due(message);
        });
        client->subscribe(rebuild_channel(parts.lanes.prefix), [this](std::string_view) {
            if (reconciler->is_running()) reconciler->hurry();
        });
        client->start();
    }
    tick();
}

void NodeLaneClaims::Impl::stop() {
    if (phase != Phase::running) return;
    phase = Phase::stopped;
    ticker->cancel();
    claim_alarm->cancel();
    retry_alarm->cancel();
    if (reconciler) reconciler->stop();
    give_all_back();
    lanes.clear();
    held = 0;
    note_status();
}

void NodeLaneClaims::Impl::thread_ended() {
    phase = Phase::stopped;
    if (reconciler) reconciler->stop();
    // Answers whoever still waits, while everything that they look at is there.
    if (client) client->stop();
    store.reset();
    reconciler.reset();
    queue.reset();
    client.reset();
    retry_alarm.reset();
    claim_alarm.reset();
    ticker.reset();
    turn_letter.reset();
}

void NodeLaneClaims::Impl::want(const Nudge& nudge) {
    if (phase != Phase::running) return;
    const auto [entry, is_new] = lanes.try_emplace(nudge.endpoint.value);
    Lane& lane = entry->second;
    if (is_new) {
        lane.since = steady_clock::now();
        ask_for(nudge.endpoint, lane);
    } else if (lane.state == Lane::State::held) {
        dues.push_back(nudge);
        return;
    }
    const auto is_same = [&nudge](const Nudge& other) {
        return other.queue == nudge.queue && other.delivery == nudge.delivery;
    };
    const auto same = std::find_if(lane.nudges.begin(), lane.nudges.end(), is_same);
    if (same == lane.nudges.end()) {
        lane.nudges.push_back(nudge);
    } else {
        same->due_at = std::min(same->due_at, nudge.due_at);
    }
}

void NodeLaneClaims::Impl::ask_for(EndpointId endpoint, Lane& lane) {
    lane.state = Lane::State::asking;
    shard(endpoint).wanted.push_back(endpoint);
}

void NodeLaneClaims::Impl::give_back(const Idle& idle) {
    const auto found = lanes.find(idle.endpoint.value);
    if (found == lanes.end() || found->second.state != Lane::State::held) return;
    Lane& lane = found->second;
    lane.state = Lane::State::releasing;
    lane.next_due = idle.next_due;
    --held;
    if (idle.next_due && *idle.next_due <= parts.clock.now()) {
        shard(idle.endpoint).yields_until = steady_clock::now() + kYield;
    }
    to_release.push_back(idle.endpoint);
}

void NodeLaneClaims::Impl::turn_soon() {
    if (phase == Phase::running) turn_letter->send();
}

void NodeLaneClaims::Impl::turn() {
    if (phase != Phase::running) return;
    if (!dues.empty()) {
        const std::vector<Nudge> due = std::exchange(dues, {});
        listener->due(due);
    }
    // Without a lease nothing may be ours; what is wanted waits for the node's next one.
    if (has_lease()) {
        if (is_queue_up()) {
            ask_queue();
        } else {
            for (Shard& part : shards) {
                for (const EndpointId endpoint : std::exchange(part.wanted, {})) {
                    confirm(endpoint, lanes.at(endpoint.value));  // asking ones are never erased
                }
            }
        }
        confirm_some();
    }
    release_some();
}

void NodeLaneClaims::Impl::tick() {
    ticker->set(parts.timing.tick);
    follow_lease();
    const bool leads = reconciling;
    if (reconciler && leads != reconciler->is_running()) {
        leads ? reconciler->start() : reconciler->stop();
    }
    const SteadyTime now = steady_clock::now();
    sweep();
    if (is_queue_up() && now >= extend_at) {
        extend_at = now + parts.timing.extend_every;
        extend_all();
    }
    // A message that was lost is missed by nobody, and later ones say nothing of it.
    if (now >= look_at) {
        look_at = now + parts.timing.look_every;
        look_at_all_shards();
    }
    take_up_lanes();
    arm_claims();
    note_status();
    turn();
}

bool NodeLaneClaims::Impl::has_lease() const {
    if (node == 0) return false;
    const NodeLease lease = parts.lease();
    return lease.node == node && lease.until > steady_clock::now();
}

void NodeLaneClaims::Impl::follow_lease() {
    LiveNodes nodes = parts.live_nodes();
    const std::size_t receiving_before = std::exchange(only_receiving, nodes.only_receiving);
    std::vector<std::int64_t> living = std::move(nodes.delivering);
    std::sort(living.begin(), living.end());
    const bool is_changed = living != live;
    const bool is_one_gone =
        only_receiving < receiving_before
        || !std::includes(living.begin(), living.end(), live.begin(), live.end());
    live = std::move(living);
    // What that one had stored, and told nobody of yet, is found only by looking.
    if (is_one_gone && reconciler && reconciler->is_running()) reconciler->hurry();
    if (has_lease()) {
        // What a node had that is gone comes back when its leases end, which somebody must watch.
        if (is_changed) look_at_all_shards();
        return;
    }
    if (node != 0) revoke_all();
    const NodeLease lease = parts.lease();
    const bool is_valid = lease.node != 0 && lease.until > steady_clock::now();
    const std::int64_t before = std::exchange(node, is_valid ? lease.node : 0);
    node_of_lanes = node;
    // It may be the same node as before, whose lanes are its own still and which has just put them
    // away.
    may_have_forgotten = true;
    if (node == 0 || node == before || !queue) return;
    queue->set_node(node);
    if (listening_as != node) listen_as_node();
    if (is_queue_up()) queue_is_up();
}

void NodeLaneClaims::Impl::revoke_all() {
    std::vector<EndpointId> gone;
    for (auto entry = lanes.begin(); entry != lanes.end();) {
        const EndpointId endpoint{entry->first};
        Lane& lane = entry->second;
        if (lane.state == Lane::State::held) gone.push_back(endpoint);
        if (lane.state == Lane::State::asking || !lane.nudges.empty()) {
            // Its question may be under way in the old name; its answer finds it asking.
            if (lane.state != Lane::State::asking) ask_for(endpoint, lane);
            lane.queue_fence = 0;
            ++entry;
        } else {
            entry = lanes.erase(entry);
        }
    }
    to_confirm.clear();
    to_release.clear();
    held = 0;
    metrics.revoked.add(static_cast<double>(gone.size()));
    if (gone.empty()) return;
    log::warn("lanes.revoked", {{"count", gone.size()}});
    listener->revoked(gone);
}

void NodeLaneClaims::Impl::listen_as_node() {
    const std::int64_t as = listening_as = node;
    client->subscribe(node_channel(parts.lanes.prefix, as), [this, as](std::string_view message) {
        heard_calls(as, message);
    });
}

void NodeLaneClaims::Impl::heard_calls(std::int64_t called, std::string_view message) {
    // What was left under an older name is nobody's, and comes back when its lease has ended.
    if (phase != Phase::running || called != node) return;
    const TimePoint now = parts.clock.now();
    for (const LaneCall& call : parse_lane_calls(message)) {
        const auto found = lanes.find(call.endpoint.value);
        if (found != lanes.end()) {
            found->second.number_seen = std::max(found->second.number_seen, call.number);
        }
        want(
            {.endpoint = call.endpoint,
             .queue = call.queue,
             .due_at = now + call.wait,
             .delivery = call.delivery}
        );
    }
    turn_soon();
}

void NodeLaneClaims::Impl::heard_due(std::string_view message) {
    const auto due = parse_shard_due(message);
    if (phase != Phase::running || !due) return;
    Shard& part = shards.at(due->shard.number);
    const SteadyTime at = steady_clock::now() + due->wait;
    if (part.next && *part.next <= at) return;
    part.next = at;
    arm_claims();
}

void NodeLaneClaims::Impl::note_status() {
    metrics.held.set(static_cast<double>(held));
    const QueueState state = left_to_store().none() ? QueueState::up : QueueState::down;
    metrics.queue_up.set(state == QueueState::up ? 1 : 0);
    const auto store_state = state_of_store();
    metrics.store_up.set(store_state == Status::Store::answers ? 1 : 0);
    const std::lock_guard lock{mutex};
    last_status.held = held;
    last_status.store = store_state;
    if (!client) return;
    last_status.queue = state;
    last_status.why_down = why_queue_is_down();
}

// Of a failure that nobody has asked after for a while nothing is known any more.
NodeLaneClaims::Status::Store NodeLaneClaims::Impl::state_of_store() const {
    if (!confirm_failed_at) return Status::Store::answers;
    const bool is_recent = steady_clock::now() - *confirm_failed_at < kFailureLasts;
    return confirming || is_recent ? Status::Store::silent : Status::Store::answers;
}

Microseconds NodeLaneClaims::Impl::wait_until(TimePoint at) const {
    return std::max(at - parts.clock.now(), Microseconds{0});
}

}  // namespace postern::cluster
