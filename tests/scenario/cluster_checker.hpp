#pragma once

#include "dispatch/engine.hpp"
#include "tests/scenario/agenda.hpp"
#include "tests/scenario/cluster_situations.hpp"
#include "tests/scenario/fake_store.hpp"
#include "tests/scenario/intake.hpp"
#include "tests/scenario/lane_registry.hpp"
#include "tests/scenario/plan.hpp"
#include "tests/scenario/witness.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern::scenario {

// Watches several nodes from outside and holds them against what the cluster promises: that one
// node at a time serves an endpoint, so that caps, rates, pauses and order hold for all together,
// and that nothing is lost, and nothing sent twice but what was under way when a node was lost.
class ClusterChecker {
 public:
    struct Parts {
        const Agenda& agenda;
        const FakeStore& store;
        const FakeNetwork& network;
        const Plan& plan;
        const Clock& wall;
        ClusterSituations& seen;
    };
    explicit ClusterChecker(Parts parts) : parts_{parts} {}
    void watch(const LaneRegistry& registry) { registry_ = &registry; }

    // ---- nodes and lanes
    void node_ended(NodeId node, ClusterSituation in_flight);
    void node_froze(NodeId node);
    void members_changed() { members_calm_from_ = parts_.agenda.now() + kMembersCalm; }
    void disturbed(Microseconds until) { calm_from_ = std::max(calm_from_, until); }
    void disturbed(EndpointId endpoint, Microseconds until);
    void granted(NodeId node, EndpointId lane);
    void gave_back(NodeId node, EndpointId lane);
    void revoked(NodeId node, EndpointId lane);
    // By the registry: its lease had run out.
    void lost(NodeId node, EndpointId lane);
    void health_forgiven(EndpointId endpoint) { healths_.erase(endpoint); }

    // ---- deliveries
    void scheduled(const Scheduled& made);
    void offered(NodeId node, DeliveryId delivery);
    void retried_by_hand(DeliveryId delivery);
    void canceled_by_hand(DeliveryId delivery);
    void started(NodeId node, const dispatch::StartAttempt& start, const Witness::Moment& moment);
    void skipped(NodeId node, DeliveryId delivery);
    void not_made(NodeId node, DeliveryId delivery);
    void sent(NodeId node, const dispatch::StartAttempt& start);
    void arrived(NodeId node, DeliveryId delivery, const CallOutcome& outcome);
    void ended(NodeId node, DeliveryId delivery, const dispatch::AttemptResult& result);
    void decided(NodeId node, const dispatch::RecordEnd& order);
    void recorded(
        NodeId node,
        const dispatch::RecordEnd& order,
        const storage::DeliveryRow& before,
        const dispatch::Recorded& recorded
    );
    void settled(NodeId node, DeliveryId delivery);
    void polled(NodeId node, const dispatch::Engine::Status& status);

    void audit();
    void finish() const;

    // Whose lane it is, as far as somebody is sending for it; 0: nobody's.
    NodeId sender_of(DeliveryId delivery) const;
    bool is_in_flight(DeliveryId delivery) const;
    std::int64_t in_flight_of(NodeId node) const;
    std::int64_t starts() const { return starts_; }

 private:
    static constexpr Microseconds kMembersCalm = std::chrono::seconds{60};

    struct Flight {
        NodeId node;
        EndpointId lane;
        std::string origin;
        std::int64_t hands = 0;
        std::int64_t fence = 0;
        bool under_way = true;   // not ended yet
        bool is_orphan = false;  // its node has lost the lane since
        bool arrived = false;    // and its node saw a success
        bool from_memory = false;
    };
    struct Facts {
        EndpointId endpoint;
        Scheduled::Kept order = Scheduled::Kept::no;
        std::vector<Flight> flights;
        std::int64_t hands = 0;     // retries by a person
        std::int64_t attempts = 0;  // that were recorded
        bool accepted = false;      // the endpoint said 2xx, seen or not
        bool died = false;
        bool canceled = false;
        // The last success that was written down: after how many retries by hand.
        std::optional<std::int64_t> success_hands;
        bool success_was_orphan = false;
        bool was_lost = false;  // an attempt was under way or unrecorded when its node died
        NodeId waits_at;        // offered there before the lane was granted
        std::optional<Microseconds> idle_since;
    };
    struct Health {
        storage::EndpointHealthRow row;
        Microseconds written_at{0};
    };
    struct LaneFacts {
        std::deque<Microseconds> starts;
        Microseconds calm_from{0};
        std::map<NodeId, Microseconds> granted_at;
    };

    Facts& facts(DeliveryId id) { return facts_.at(static_cast<std::size_t>(id.value - 1)); }
    const Facts& facts(DeliveryId id) const {
        return facts_.at(static_cast<std::size_t>(id.value - 1));
    }
    Flight* find_flight(NodeId node, DeliveryId delivery);
    Flight& flight(NodeId node, DeliveryId delivery);
    [[noreturn]] void fail(std::string_view what, DeliveryId delivery = {}) const;
    void orphan(NodeId node, EndpointId lane);
    template <class Do>
    void for_flights(NodeId node, Do deed);

    void check_holder(NodeId node, const dispatch::StartAttempt& start) const;
    void check_doubles(NodeId node, const dispatch::StartAttempt& start);
    void check_order(DeliveryId delivery) const;
    void check_pause(NodeId node, const dispatch::StartAttempt& start, TimePoint now) const;
    void check_caps(NodeId node, const dispatch::Endpoint& endpoint);
    void check_origin(const dispatch::Endpoint& endpoint);
    void check_rate(const dispatch::Endpoint& endpoint);
    void note_end(const storage::DeliveryRow& row, Facts& known);
    void audit_lane(const dispatch::Endpoint& endpoint);
    void check_closed(const storage::DeliveryRow& row) const;

    Parts parts_;
    const LaneRegistry* registry_ = nullptr;
    std::vector<Facts> facts_;
    std::map<EndpointId, LaneFacts> lanes_;
    std::map<EndpointId, Health> healths_;  // as holders wrote them
    // Those with flights: what is under way is little, and all of it is looked at often.
    std::set<DeliveryId> busy_;
    std::set<NodeId> ended_;
    std::int64_t starts_ = 0;
    Microseconds calm_from_{0};
    Microseconds members_calm_from_{0};
};

// The ear of one node.
class NodeWitness final : public Witness {
 public:
    NodeWitness(ClusterChecker& checker, const NodeId& node) : checker_{checker}, node_{node} {}

    void disturbed(EndpointId endpoint, Microseconds until) override {
        checker_.disturbed(endpoint, until);
    }
    void started(const dispatch::StartAttempt& start, const Moment& moment) override {
        checker_.started(node_, start, moment);
    }
    void skipped(DeliveryId delivery) override { checker_.skipped(node_, delivery); }
    void not_made(DeliveryId delivery) override { checker_.not_made(node_, delivery); }
    void sent(const dispatch::StartAttempt& start, const dispatch::EventContent&) override {
        checker_.sent(node_, start);
    }
    void arrived(DeliveryId delivery, const CallOutcome& outcome) override {
        checker_.arrived(node_, delivery, outcome);
    }
    void ended(DeliveryId delivery, const dispatch::AttemptResult& result, TimePoint) override {
        checker_.ended(node_, delivery, result);
    }
    void decided(const dispatch::RecordEnd& order) override { checker_.decided(node_, order); }
    void recorded(
        const dispatch::RecordEnd& order,
        const storage::DeliveryRow& before,
        const dispatch::Recorded& recorded
    ) override {
        checker_.recorded(node_, order, before, recorded);
    }
    void settled(DeliveryId delivery) override { checker_.settled(node_, delivery); }
    void loaded(const storage::DueRows&) override {}
    void polled(const dispatch::Engine::Status& status) override { checker_.polled(node_, status); }
    void audit(TimePoint, const std::vector<const dispatch::Endpoint*>&) override {}

 private:
    ClusterChecker& checker_;
    const NodeId& node_;  // known only once it has joined
};

}  // namespace postern::scenario
