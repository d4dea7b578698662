#include "daemon/cluster_side.hpp"

#include "core/log.hpp"
#include "daemon/shared_rate_limiter.hpp"
#include "daemon/version.hpp"
#include "storage/postgres/postgres_database.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <unistd.h>

namespace postern::daemon {

using std::chrono::steady_clock;
using storage::ChangeKind;
using storage::ChangeRow;
using Delivers = cluster::Member::Delivers;

namespace {

constexpr std::string_view kLeaseName = "background";
constexpr std::chrono::minutes kForgetChangesEvery{10};
constexpr std::size_t kHostNameBytesMax = 256;

std::string machine_name() {
    std::array<char, kHostNameBytesMax> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "unnamed";
    return name.data();
}

Complaint not_reached() {
    return Complaint{"the store did not answer when this node asked to join the others"};
}

}  // namespace

ClusterSide::ClusterSide(const Parts& parts)
    : parts_{parts},
      name_{
          parts.config.cluster.node_name.empty() ? machine_name() : parts.config.cluster.node_name},
      feed_{feed_listener()} {
    neighbours_.own_number = [this] {
        return membership_->number();
    };
    neighbours_.leads = [this] {
        return leader_->is_ours();
    };
    neighbours_.others = [this] {
        const std::int64_t own = membership_->id();
        std::vector<unsigned> numbers;
        for (const cluster::Member& member : membership_->live()) {
            if (member.id != own) numbers.push_back(member.number);
        }
        return numbers;
    };
    neighbours_.tell = [this] {
        if (hint_ != nullptr) hint_->tell();
    };
    neighbours_.catch_up = [this]() -> StoreResult {
        const std::lock_guard lock{spare_mutex_};
        if (spare_ == nullptr) return storage::StoreError::busy;
        return feed_.look(*spare_);
    };
    neighbours_.guard = [this](storage::Transaction& transaction) {
        return leader_->check(transaction);
    };
    storage::tell_of_changes(parts_.database, *this);
}

ClusterSide::~ClusterSide() {
    leave();
}

Result<void, Complaint> ClusterSide::open_queue() {
    const config::Queue& wanted = parts_.config.queue;
    if (wanted.url.empty()) return {};
    auto options = redis::parse_url(wanted.url);
    if (!options) return Complaint{"[queue] url: " + options.error().message};
    options->client_name = "postern-" + name_;
    queue_ = std::move(*options);
    client_ = std::make_unique<redis::Client>(runtime_.thread(0), *queue_);
    hint_ = std::make_unique<cluster::Hint>(cluster::Hint::Parts{
        .thread = runtime_.thread(0),
        .client = *client_,
        .channel = wanted.prefix + ":look",
        .on_told = [this] {
            membership_->wake();
            memory_->look_for_work();
        }});
    limits_ = std::make_unique<cluster::SharedLimits>(cluster::SharedLimits::Parts{
        .thread = runtime_.thread(0),
        .client = *client_,
        .prefix = wanted.prefix,
        .clock = parts_.clock,
        .live_nodes = [this] { return membership_->live_count(); },
        .kinds = {
            {.name = "keys", .counts = key_counts_},
            {.name = "addresses", .counts = address_counts_}}});
    return {};
}

std::unique_ptr<RateLimiter> ClusterSide::make_key_limiter() {
    return std::make_unique<SharedRateLimiter>(key_counts_);
}

std::unique_ptr<RateLimiter> ClusterSide::make_address_limiter() {
    return std::make_unique<SharedRateLimiter>(address_counts_);
}

Result<void, Complaint> ClusterSide::join(storage::Writer& writer) {
    auto home = NodeHome::open(parts_.config.data_dir, machine_name());
    if (!home) return home.error();
    home_.emplace(std::move(*home));
    if (auto opened = open_queue(); !opened) return opened.error();
    auto brisk = storage::open_brisk_side(parts_.database);
    auto side = parts_.database.open_side();
    auto spare = parts_.database.open_side();
    if (!brisk || !side || !spare) return not_reached();
    if (*brisk == nullptr || *side == nullptr || *spare == nullptr) return not_reached();
    {
        const std::lock_guard lock{spare_mutex_};
        spare_ = std::move(*spare);
    }
    if (!feed_.begin(**side)) return not_reached();
    membership_ = std::make_unique<cluster::Membership>(cluster::Membership::Parts{
        .database = parts_.database,
        .writer = writer,
        .side = std::move(*brisk),
        .chores_side = std::move(*side),
        .name = name_,
        .home = home_->name(),
        .version = std::string{kVersion},
        .delivers = parts_.config.delivery.enabled ? Delivers::yes : Delivers::no});
    leader_ = std::make_unique<cluster::Leader>(cluster::Leader::Parts{.membership = *membership_});
    return membership_->join();
}

dispatch::LaneClaims& ClusterSide::make_claims(const dispatch::EndpointDirectory& endpoints) {
    using Claims = cluster::NodeLaneClaims;
    claims_ = std::make_unique<Claims>(Claims::Parts{
        .open_store = [this]() -> cluster::LaneStore::Opened {
            auto side = parts_.database.open_side();
            if (!side) return side.error();
            return std::unique_ptr<storage::Connection>{std::move(*side)};
        },
        .clock = parts_.clock,
        .metrics = parts_.metrics,
        .lease =
            [this] {
                const cluster::NodeLease lease = membership_->lease();
                return Claims::NodeLease{.node = lease.node, .until = lease.until};
            },
        .live_nodes =
            [this] {
                Claims::LiveNodes live;
                for (const cluster::Member& member : membership_->live()) {
                    if (member.delivers == Delivers::yes) {
                        live.delivering.push_back(member.id);
                    } else {
                        ++live.only_receiving;
                    }
                }
                return live;
            },
        .endpoints =
            [&endpoints] {
                std::vector<EndpointId> ids;
                for (const auto& endpoint : endpoints.all()) ids.push_back(endpoint->id);
                return ids;
            },
        .queue = queue_,
        .lanes = {.prefix = parts_.config.queue.prefix}});
    return *claims_;
}

void ClusterSide::keep_up_to_date(Memory memory) {
    memory_.emplace(std::move(memory));
    const std::lock_guard lock{spare_mutex_};
    knows_ = Knows::all;
}

void ClusterSide::start(std::vector<BackgroundWork::Worker> workers) {
    background_ = std::make_unique<BackgroundWork>(std::move(workers));
    membership_->add_chore([this](storage::WriteConnection& connection) {
        return look_for_changes(connection);
    });
    if (parts_.config.delivery.enabled) stand_for_leader();
    membership_->add_chore([this](storage::WriteConnection&) -> StoreResult {
        key_counts_.share_among(membership_->live_count());
        address_counts_.share_among(membership_->live_count());
        return {};
    });
    phase_ = Phase::running;
    if (client_ != nullptr) {
        client_->start();
        runtime_.start();
    }
    membership_->start();
}

// What the leader does for all is about deliveries, most of it: who makes none leaves it to others.
void ClusterSide::stand_for_leader() {
    leader_->hold(
        {.name = std::string{kLeaseName},
         .on_gained = [this] { gain(); },
         .on_lost =
             [this] {
                 lose();
             }}
    );
}

void ClusterSide::gain() {
    background_->run();
    claims_->set_reconciling(cluster::NodeLaneClaims::Reconciling::yes);
}

void ClusterSide::lose() {
    background_->rest();
    claims_->set_reconciling(cluster::NodeLaneClaims::Reconciling::no);
}

void ClusterSide::stop_background() {
    if (background_ != nullptr) background_->stop();
}

void ClusterSide::leave() {
    stop_background();
    if (membership_ == nullptr || phase_ == Phase::left) return;
    membership_->leave();
    {
        const std::lock_guard lock{spare_mutex_};
        leader_->release(*spare_);
        spare_.reset();
    }
    if (phase_ == Phase::running && client_ != nullptr) {
        runtime_.stop();
        client_->stop();
    }
    phase_ = Phase::left;
}

cluster::ChangeFeed::Listener ClusterSide::feed_listener() {
    return {
        .changed = [this](
                       storage::Connection& connection, const std::vector<ChangeRow>& changes
                   ) { return apply(connection, changes); },
        .missed =
            [this](storage::Connection& connection) {
                log::info("cluster.reads_all_again");
                memory_->keys.forget_all();
                return memory_->refresh_all(connection);
            }};
}

// What a newer program's kinds mean is for that program to know: nothing that this one holds.
StoreResult
ClusterSide::apply(storage::Connection& connection, const std::vector<ChangeRow>& changes) {
    std::set<std::int64_t> endpoints;
    std::vector<DeliveryId> deliveries;
    std::size_t gateways = 0;
    for (const ChangeRow& change : changes) {
        switch (static_cast<ChangeKind>(change.kind)) {
            case ChangeKind::endpoint: endpoints.insert(change.subject); break;
            case ChangeKind::api_key: memory_->keys.forget(ApiKeyId{change.subject}); break;
            case ChangeKind::gateway: ++gateways; break;
            case ChangeKind::delivery: deliveries.push_back(DeliveryId{change.subject}); break;
        }
    }
    if (!deliveries.empty()) memory_->withdraw(deliveries);
    if (gateways > 0) {
        const StoreResult read = memory_->refresh_gateways(connection);
        if (!read) return read;
    }
    for (const std::int64_t id : endpoints) {
        const StoreResult read = memory_->refresh_endpoint(connection, EndpointId{id});
        if (!read) return read;
    }
    return {};
}

// Its caller has written nothing yet that could be committed, so it may begin again.
StoreResult ClusterSide::follow(std::int64_t number) {
    if (feed_.has_told(number)) return {};
    const std::lock_guard lock{spare_mutex_};
    if (knows_ == Knows::nothing_yet || spare_ == nullptr) return {};
    if (!feed_.look(*spare_)) return storage::StoreError::busy;
    return {};
}

StoreResult ClusterSide::look_for_changes(storage::WriteConnection& connection) {
    if (const StoreResult looked = feed_.look(connection); !looked) return looked;
    const auto now = steady_clock::now();
    if (now < forget_at_ || !leader_->is_ours()) return {};
    const auto gone = cluster::ChangeFeed::forget_old(connection, parts_.clock.now());
    if (gone) forget_at_ = now + kForgetChangesEvery;
    return gone;
}

ClusterStatus ClusterSide::status() const {
    using Status = ClusterStatus;
    const cluster::NodeLease lease = membership_->lease();
    const bool held = lease.node != 0 && steady_clock::now() < lease.until;
    return {
        .name = name_,
        .number = lease.number,
        .lease = held ? Status::Lease::held : Status::Lease::lost,
        .store = membership_->reaches_store() ? Status::Store::reached : Status::Store::not_reached,
        .members = membership_->live(),
        .own_id = lease.node,
        .leader_id = leader_->holder(),
        .lanes =
            parts_.config.delivery.enabled ? claims_->status() : cluster::NodeLaneClaims::Status{}};
}

void ClusterSide::refresh_gauges() {
    const ClusterStatus now = status();
    MetricRegistry& metrics = parts_.metrics;
    metrics.gauge({"postern_cluster_node_number", "This node's number among those of its store"})
        .set(now.number);
    metrics.gauge({"postern_cluster_members", "Nodes that live, as this one sees it"})
        .set(static_cast<double>(now.members.size()));
    metrics.gauge({"postern_cluster_lease_held", "1 while this node may act as one of them"})
        .set(now.lease == ClusterStatus::Lease::held ? 1 : 0);
    metrics.gauge({"postern_cluster_leader", "1 while this node does what one does for all"})
        .set(leader_->is_ours() ? 1 : 0);
    metrics.gauge({"postern_store_reachable", "1 while the store's server answers"})
        .set(now.store == ClusterStatus::Store::reached ? 1 : 0);
}

}  // namespace postern::daemon
