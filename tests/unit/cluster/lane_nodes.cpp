#include "tests/unit/cluster/lane_nodes.hpp"

#include <future>

namespace postern::cluster {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void Ledger::grant(EndpointId endpoint, Entry entry) {
    const std::lock_guard lock{mutex_};
    const auto there = holders_.find(endpoint);
    if (there != holders_.end() && there->second.node != entry.node) {
        violations_.push_back(
            std::to_string(endpoint.value) + " was given to " + std::to_string(entry.node)
            + " while " + std::to_string(there->second.node) + " had it"
        );
    }
    std::int64_t& fence = fences_[endpoint];
    if (entry.fence <= fence) {
        violations_.push_back(std::to_string(endpoint.value) + " was given an older fence");
    }
    fence = entry.fence;
    holders_[endpoint] = entry;
    changed_.notify_all();
}

void Ledger::drop(EndpointId endpoint, std::int64_t node) {
    const std::lock_guard lock{mutex_};
    const auto there = holders_.find(endpoint);
    if (there != holders_.end() && there->second.node == node) holders_.erase(there);
    changed_.notify_all();
}

void Ledger::drop_all(std::int64_t node) {
    const std::lock_guard lock{mutex_};
    std::erase_if(holders_, [node](const auto& entry) { return entry.second.node == node; });
    changed_.notify_all();
}

void Ledger::call(EndpointId endpoint, std::int64_t) {
    const std::lock_guard lock{mutex_};
    ++calls_[endpoint];
    changed_.notify_all();
}

void Ledger::until(const std::function<bool()>& reached) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, reached);
}

std::int64_t Ledger::holder(EndpointId endpoint) const {
    const auto there = holders_.find(endpoint);
    return there == holders_.end() ? 0 : there->second.node;
}

std::size_t Ledger::held_by(std::int64_t node) const {
    std::size_t count = 0;
    for (const auto& [endpoint, entry] : holders_) count += entry.node == node ? 1U : 0U;
    return count;
}

std::int64_t Ledger::calls(EndpointId endpoint) const {
    const auto there = calls_.find(endpoint);
    return there == calls_.end() ? 0 : there->second;
}

std::vector<std::string> Ledger::violations() const {
    const std::lock_guard lock{mutex_};
    return violations_;
}

void Cluster::add_endpoints(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
        endpoints.push_back(EndpointId{100 + i});
        store.add_endpoint(endpoints.back());
    }
}

std::vector<std::int64_t> Cluster::live() const {
    const std::lock_guard lock{mutex_};
    return {live_.begin(), live_.end()};
}

void Cluster::set_live(std::set<std::int64_t> nodes) {
    const std::lock_guard lock{mutex_};
    live_ = std::move(nodes);
}

LaneNode::LaneNode(Cluster& cluster, std::int64_t id) : cluster_{cluster}, id_{id} {
    cluster_.store.add_node(id);
    NodeLaneClaims::Parts parts{
        .open_store = [this]() -> LaneStore::Opened {
            auto side = cluster_.store.database().open_side();
            if (!side) return side.error();
            return std::unique_ptr<storage::Connection>{std::move(*side)};
        },
        .clock = clock_,
        .metrics = metrics_,
        .lease =
            [this] {
                const auto until =
                    has_lease_ ? steady_clock::time_point::max() : steady_clock::time_point{};
                return NodeLaneClaims::NodeLease{.node = id_, .until = until};
            },
        .live_nodes =
            [this] {
                ++ticks_;
                cluster_.ledger.note();
                return NodeLaneClaims::LiveNodes{
                    .delivering = cluster_.live(), .only_receiving = cluster_.only_receiving};
            },
        .endpoints = [this] { return cluster_.endpoints; },
        .lanes =
            {.prefix = "t", .lease = milliseconds{400}, .handed_over_lease = milliseconds{200}},
        .timing =
            {.tick = milliseconds{20},
             .extend_every = milliseconds{60},
             .look_every = cluster.look_every,
             .step_in_after = milliseconds{50},
             .retry_after = milliseconds{5},
             .walk_every = cluster.walk_every,
             .take_up_every = cluster.take_up_every}};
    if (!cluster_.url.empty()) {
        parts.queue = *redis::parse_url(cluster_.url);
        parts.queue->limits.command_timeout = milliseconds{300};
        parts.queue->limits.retry_max = milliseconds{100};
    }
    claims_ = std::make_unique<NodeLaneClaims>(std::move(parts));
    claims_->start(runtime_.thread(0), *this);
    runtime_.start();
}

LaneNode::~LaneNode() {
    runtime_.stop();
    claims_->thread_ended();
    cluster_.ledger.drop_all(id_);
}

void LaneNode::on_thread(std::function<void()> work) {
    class Errand final : public net::Letter {
     public:
        explicit Errand(std::function<void()> work) : work_{std::move(work)} {}
        void delivered() noexcept override {
            work_();
            done.set_value();
        }
        std::promise<void> done;

     private:
        std::function<void()> work_;
    };
    Errand errand{std::move(work)};
    runtime_.thread(0).mailbox().drop(errand);
    errand.done.get_future().wait();
}

void LaneNode::want(EndpointId endpoint) {
    on_thread([this, endpoint] { claims_->want({{.endpoint = endpoint, .due_at = clock_.now()}}); }
    );
}

void LaneNode::give_back(EndpointId endpoint, std::optional<Microseconds> due_in) {
    on_thread([this, endpoint, due_in] {
        if (held_.erase(endpoint) == 0) return;
        cluster_.ledger.drop(endpoint, id_);
        dispatch::LaneClaims::Idle idle{.endpoint = endpoint};
        if (due_in) idle.next_due = clock_.now() + *due_in;
        claims_->give_back({idle});
    });
}

void LaneNode::stop() {
    on_thread([this] {
        cluster_.ledger.drop_all(id_);
        claims_->stop();
    });
}

void LaneNode::lose_lease() {
    // As a dispatcher does: nothing begins after the lease, whether it has heard of it or not.
    on_thread([this] {
        has_lease_ = false;
        cluster_.ledger.drop_all(id_);
    });
}

void LaneNode::renew_lease() {
    has_lease_ = true;
}

void LaneNode::take_lease(std::int64_t id) {
    cluster_.store.add_node(id);
    on_thread([this, id] {
        id_ = id;
        has_lease_ = true;
    });
}

void LaneNode::reconcile() {
    claims_->set_reconciling(NodeLaneClaims::Reconciling::yes);
}

bool LaneNode::has_walked() const {
    return metrics_.render().find("postern_queue_walks_total 0") == std::string::npos;
}

void LaneNode::granted(const std::vector<dispatch::LaneClaims::Granted>& lanes) {
    for (const auto& lane : lanes) {
        held_.insert(lane.endpoint);
        cluster_.ledger.grant(lane.endpoint, {.node = id_, .fence = lane.fence});
    }
}

void LaneNode::revoked(const std::vector<EndpointId>& lanes) {
    for (const EndpointId endpoint : lanes) {
        held_.erase(endpoint);
        cluster_.ledger.drop(endpoint, id_);
    }
}

void LaneNode::due(const std::vector<dispatch::Nudge>& nudges) {
    for (const auto& nudge : nudges) cluster_.ledger.call(nudge.endpoint, id_);
}

}  // namespace postern::cluster
