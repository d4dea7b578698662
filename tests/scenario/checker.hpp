#pragma once

#include "dispatch/engine.hpp"
#include "tests/scenario/agenda.hpp"
#include "tests/scenario/fake_network.hpp"
#include "tests/scenario/fake_store.hpp"
#include "tests/scenario/intake.hpp"
#include "tests/scenario/plan.hpp"
#include "tests/scenario/situations.hpp"
#include "tests/scenario/witness.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace postern::scenario {

// Watches everything from outside and holds it against what delivery promises, with arithmetic of
// its own. It knows the true time and what the endpoints saw, which the engine does not.
class Checker final : public Witness {
 public:
    struct Parts {
        const Agenda& agenda;
        const FakeStore& store;
        const FakeNetwork& network;
        const Plan& plan;
        Situations& seen;
    };
    explicit Checker(Parts parts) : parts_{parts} {}

    // ---- the process and the world
    void process_began();
    void process_ended();
    void clock_was_set(Microseconds shift);
    // Nothing can be said about lateness until so much later: something was out of order for all.
    void disturbed(Microseconds until) { calm_from_ = std::max(calm_from_, until); }
    void disturbed(EndpointId endpoint, Microseconds until) override;

    // ---- deliveries, as they happen
    using Kept = Scheduled::Kept;
    void scheduled(const Scheduled& made);
    void started(const dispatch::StartAttempt& start, const Moment& moment) override;
    void skipped(DeliveryId delivery) override;
    void not_made(DeliveryId delivery) override;
    void sent(const dispatch::StartAttempt& start, const dispatch::EventContent& event) override;
    void arrived(DeliveryId delivery, const CallOutcome& outcome) override;
    void ended(DeliveryId delivery, const dispatch::AttemptResult& result, TimePoint now) override;
    void decided(const dispatch::RecordEnd& order) override;
    void recorded(
        const dispatch::RecordEnd& order,
        const storage::DeliveryRow& before,
        const dispatch::Recorded& recorded
    ) override;
    void settled(DeliveryId delivery) override;
    void retried_by_hand(DeliveryId delivery);
    void canceled_by_hand(DeliveryId delivery);
    // The engine knows that somebody changed it, and that it has that fence since.
    void withdrawn(DeliveryId delivery, std::int64_t fence);
    void loaded(const storage::DueRows& rows) override;
    void polled(const dispatch::Engine::Status& status) override;

    // ---- from time to time, and at the end
    void audit(TimePoint now, const std::vector<const dispatch::Endpoint*>& endpoints) override;
    void finish(TimePoint now) const;

    bool is_in_flight(DeliveryId delivery) const;
    // It has ended, and the engine does not know yet that this was written.
    bool is_unsettled(DeliveryId delivery) const;
    std::int64_t in_flight_of(EndpointId endpoint) const;
    std::int64_t in_flight() const;
    std::int64_t starts() const { return starts_; }
    // What was due then may be due much later by the clock as it is now.
    bool was_set_back() const { return back_ < Microseconds{0}; }
    // Whether the last audit found anything that could be sent and was not.
    bool is_waiting() const { return waiting_; }

 private:
    struct Facts {
        EndpointId endpoint;
        Kept order = Kept::no;
        std::int64_t life = 0;  // of the process that scheduled it
        bool in_flight = false;
        bool on_the_wire = false;
        bool undecided = false;  // an attempt ended, and no decision was seen
        bool skipped = false;
        bool accepted = false;  // the endpoint said 2xx, seen or not
        bool accepted_unrecorded = false;
        bool died = false;
        bool canceled = false;
        std::int64_t hands = 0;     // retries by a person
        std::int64_t attempts = 0;  // that were recorded
        // The last success that was seen: in which life, after how many retries by hand.
        std::int64_t success_life = -1;
        std::int64_t success_hands = 0;
        // Up to which fence the engine was told that its knowledge is old, and in which life.
        std::int64_t withdrawn_life = -1;
        std::int64_t withdrawn_fence = 0;
        // The attempt under way, or the last one.
        std::int64_t started_hands = 0;
        std::int64_t fence = 0;
        std::int64_t revision = 0;
        std::string origin;
        dispatch::DeliveryProgress progress;
        dispatch::RetryPolicy policy;
        dispatch::AttemptResult result;
        TimePoint ended_at;
        Microseconds ended_true{0};
        Microseconds forward_then{0};
        // As recorded: not before so much later than that end.
        struct Pause {
            Microseconds from{0};
            Microseconds length{0};
            Microseconds forward_then{0};
        };
        std::optional<Pause> pause;
        // The first audit that found it due and idle, without a break since.
        std::optional<Microseconds> idle_since;
    };
    struct Lane {
        std::int64_t in_flight = 0;
        std::deque<Microseconds> starts;
        Microseconds calm_from{0};
        Microseconds last_success{0};  // true time
        Microseconds forward_then{0};
        bool stopping = false;  // the engine said so
        std::int64_t stopped_revision = 0;
    };

    Facts& facts(DeliveryId id) { return facts_.at(static_cast<std::size_t>(id.value - 1)); }
    const Facts& facts(DeliveryId id) const {
        return facts_.at(static_cast<std::size_t>(id.value - 1));
    }
    [[noreturn]] void fail(std::string_view what, DeliveryId delivery = {}) const;

    void check_doubles(const dispatch::StartAttempt& start, const Facts& known) const;
    void check_order(DeliveryId delivery, const Facts& known) const;
    void check_not_early(const dispatch::StartAttempt& start, TimePoint now);
    void check_caps(const dispatch::StartAttempt& start, const Moment& moment);
    void check_rate(Lane& lane, const dispatch::EndpointSettings& settings);
    void check_waiting(const dispatch::RecordEnd& order, const Facts& known);
    void check_dead(const dispatch::RecordEnd& order, const Facts& known);
    void check_disable(const dispatch::RecordEnd& order, const Facts& known);
    void left_the_engine_hands(Facts& known);
    void check_applied(
        const dispatch::RecordEnd& order,
        const storage::DeliveryRow& before,
        const storage::DeliveryRow& after
    );
    void note_end(const storage::DeliveryRow& row, Facts& known);
    Microseconds lateness_allowed(const dispatch::Endpoint& endpoint, std::size_t due) const;
    void audit_lane(TimePoint now, const dispatch::Endpoint& endpoint);
    void check_held() const;
    void check_sequences() const;
    void check_closed(const storage::DeliveryRow& row, TimePoint now) const;

    Parts parts_;
    std::vector<Facts> facts_;
    std::map<EndpointId, Lane> lanes_;
    std::map<std::string, std::int64_t, std::less<>> origins_;
    std::int64_t life_ = 0;
    std::int64_t starts_ = 0;
    std::int64_t in_flight_ = 0;
    bool waiting_ = false;
    Microseconds calm_from_{0};
    Microseconds forward_{0};  // by how much the clock was set forward, in all
    Microseconds back_{0};
};

// "https://b.example" of "https://b.example/4".
std::string_view origin_of(std::string_view url);

}  // namespace postern::scenario
