#include "daemon/health.hpp"

#include "core/json_writer.hpp"
#include "daemon/cluster_side.hpp"
#include "daemon/version.hpp"

#include <sys/timex.h>

namespace postern::daemon {
namespace {

using std::chrono::seconds;

constexpr seconds kQueueAgeMax{2};
constexpr seconds kLoopAgeMax{5};
// The slowest attempt ends within half a minute.
constexpr seconds kDeliveriesStandMax{60};

// A disk may hang for a while and come back; a restart then only adds to the trouble.
constexpr seconds kCommitStuckAfter{60};
constexpr seconds kLoopStuckAfter{30};
constexpr seconds kDeliveriesStuckAfter{300};

// Signatures carry timestamps, so a clock that nobody keeps is worth a word, though no failure. A
// confined daemon may not even ask, and then it does not know.
void write_clock(JsonWriter& writer) {
    timex wish{};  // none: it only reads
    const int state = adjtimex(&wish);
    writer.key("clock_synchronised");
    if (state < 0) {
        writer.null();
    } else {
        writer.boolean(state != TIME_ERROR);
    }
}

void write_store(JsonWriter& writer, const Store& store, const Vitals& vitals) {
    const storage::WriterStatus& status = vitals.writer;
    writer.key("store");
    writer.begin_object();
    writer.member("driver", store.database.description());
    writer.member_boolean("poisoned", vitals.store == Vitals::Store::failed);
    writer.member_boolean("room", status.room == storage::Room::plenty);
    writer.member_integer("queue_units", static_cast<std::int64_t>(status.queue_units));
    writer.member_integer("oldest_waiting_us", status.oldest_waiting.count());
    writer.member_integer("last_commit_us", status.last_commit.count());
    writer.end_object();
}

void write_delivery(JsonWriter& writer, const Vitals& vitals) {
    writer.key("delivery");
    writer.begin_object();
    writer.member_integer("loop_silent_seconds", vitals.standstill.loop.count());
    writer.member_integer("standstill_seconds", vitals.standstill.deliveries.count());
    writer.end_object();
}

std::string_view name_of(const ClusterStatus& cluster, std::int64_t id) {
    for (const cluster::Member& member : cluster.members) {
        if (member.id == id) return member.name;
    }
    return {};
}

void write_queue(JsonWriter& writer, const cluster::NodeLaneClaims::Status& lanes) {
    using Queue = cluster::NodeLaneClaims::QueueState;
    using Answers = cluster::NodeLaneClaims::Status::Store;
    writer.member_integer("lanes_held", static_cast<std::int64_t>(lanes.held));
    writer.member_boolean("lanes_confirmed", lanes.store == Answers::answers);
    writer.key("queue");
    writer.begin_object();
    switch (lanes.queue) {
        case Queue::none: writer.member("state", "none"); break;
        case Queue::up: writer.member("state", "up"); break;
        case Queue::down: writer.member("state", "down"); break;
    }
    writer.member_or_null("why", lanes.why_down);
    writer.end_object();
}

void write_cluster(JsonWriter& writer, const ClusterSide* side) {
    if (side == nullptr) return;
    const ClusterStatus cluster = side->status();
    writer.key("cluster");
    writer.begin_object();
    writer.member("node", cluster.name);
    writer.member_integer("number", cluster.number);
    writer.member_boolean("lease_held", cluster.lease == ClusterStatus::Lease::held);
    writer.member_boolean("store_reached", cluster.store == ClusterStatus::Store::reached);
    writer.member_boolean("leads", cluster.own_id != 0 && cluster.leader_id == cluster.own_id);
    writer.member_or_null("leader", name_of(cluster, cluster.leader_id));
    write_queue(writer, cluster.lanes);
    writer.key("members");
    writer.begin_array();
    for (const cluster::Member& member : cluster.members) {
        writer.begin_object();
        writer.member("name", member.name);
        writer.member_integer("number", member.number);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
}

void write_reasons(JsonWriter& writer, const std::vector<std::string_view>& reasons) {
    writer.member_or_null("reason", reasons.empty() ? std::string_view{} : reasons.front());
    writer.key("reasons");
    writer.begin_array();
    for (const std::string_view reason : reasons) writer.string(reason);
    writer.end_array();
}

Health::Answer::State state_of(const std::vector<std::string_view>& reasons) {
    using State = Health::Answer::State;
    return reasons.empty() ? State::ready : State::not_ready;
}

}  // namespace

std::vector<std::string_view> why_not_ready(const Vitals& vitals) {
    std::vector<std::string_view> reasons;
    if (vitals.service == Vitals::Service::stopping) reasons.push_back("stopping");
    if (vitals.store == Vitals::Store::failed) reasons.push_back("the store failed");
    if (vitals.reach == Vitals::Reach::not_reached) {
        reasons.push_back("the store cannot be reached");
    } else if (vitals.place == Vitals::Place::lost) {
        reasons.push_back("this node has no place among the others");
    } else if (vitals.lanes == Vitals::Lanes::unconfirmed) {
        reasons.push_back("the store does not say which endpoints this node serves");
    }
    if (vitals.writer.room == storage::Room::low) reasons.push_back("the disk is nearly full");
    // What waits now, a commit under way included. A slow commit that is over says nothing: without
    // traffic no faster one would ever follow to take its place.
    if (vitals.writer.oldest_waiting > kQueueAgeMax) reasons.push_back("commits are slow");
    const dispatch::Standstill& standstill = vitals.standstill;
    if (standstill.loop > kLoopAgeMax || standstill.deliveries > kDeliveriesStandMax) {
        reasons.push_back("deliveries do not move");
    }
    return reasons;
}

std::vector<std::string_view> why_not_alive(const Vitals& vitals) {
    std::vector<std::string_view> reasons;
    // An orderly end has a bound of its own.
    if (vitals.service == Vitals::Service::stopping) return reasons;
    if (vitals.store == Vitals::Store::failed) reasons.push_back("the store failed");
    // A server that is away comes back, and a restart brings it no sooner.
    if (vitals.reach == Vitals::Reach::not_reached) return reasons;
    const bool is_stuck = vitals.writer.oldest_waiting > kCommitStuckAfter;
    if (is_stuck && vitals.commits == Vitals::Commits::own)
        reasons.push_back("a commit does not end");
    // On a full disk ends of deliveries cannot be written, and a restart makes no room.
    const bool has_room = vitals.writer.room == storage::Room::plenty;
    const dispatch::Standstill& standstill = vitals.standstill;
    if (standstill.loop > kLoopStuckAfter
        || (has_room && standstill.deliveries > kDeliveriesStuckAfter)) {
        reasons.push_back("deliveries do not move");
    }
    return reasons;
}

Vitals Health::vitals() const {
    Vitals vitals;
    if (store_.database.poison().is_set()) vitals.store = Vitals::Store::failed;
    if (stopping_.load(std::memory_order_relaxed)) vitals.service = Vitals::Service::stopping;
    vitals.writer = store_.writer.status();
    vitals.standstill = dispatcher_.standstill();
    if (cluster_ == nullptr) return vitals;
    vitals.commits = Vitals::Commits::of_many;
    const ClusterStatus cluster = cluster_->status();
    if (cluster.store == ClusterStatus::Store::not_reached) {
        vitals.reach = Vitals::Reach::not_reached;
    }
    if (cluster.lease == ClusterStatus::Lease::lost) vitals.place = Vitals::Place::lost;
    if (cluster.lanes.store == cluster::NodeLaneClaims::Status::Store::silent) {
        vitals.lanes = Vitals::Lanes::unconfirmed;
    }
    return vitals;
}

Health::Answer Health::liveness() const {
    const Vitals now = vitals();
    const auto reasons = daemon::why_not_alive(now);
    Answer answer;
    answer.state = state_of(reasons);
    JsonWriter writer{answer.json};
    const auto up = std::chrono::steady_clock::now() - started_;
    writer.begin_object();
    writer.member("status", reasons.empty() ? "ok" : "stuck");
    write_reasons(writer, reasons);
    writer.member("version", kVersion);
    writer.member_integer("uptime_seconds", std::chrono::duration_cast<seconds>(up).count());
    write_clock(writer);
    write_store(writer, store_, now);
    write_delivery(writer, now);
    write_cluster(writer, cluster_);
    writer.end_object();
    return answer;
}

std::string Health::why_not_alive() const {
    const auto reasons = daemon::why_not_alive(vitals());
    return reasons.empty() ? std::string{} : std::string{reasons.front()};
}

Health::Answer Health::readiness() const {
    const Vitals now = vitals();
    const auto reasons = why_not_ready(now);
    Answer answer;
    answer.state = state_of(reasons);
    JsonWriter writer{answer.json};
    writer.begin_object();
    writer.member("status", reasons.empty() ? "ready" : "not_ready");
    write_reasons(writer, reasons);
    write_store(writer, store_, now);
    write_delivery(writer, now);
    write_cluster(writer, cluster_);
    writer.end_object();
    return answer;
}

}  // namespace postern::daemon
