#pragma once

#include "core/forward_clock.hpp"
#include "dispatch/engine.hpp"
#include "tests/scenario/intake.hpp"
#include "tests/scenario/plan.hpp"
#include "tests/scenario/situations.hpp"
#include "tests/scenario/trace.hpp"
#include "tests/scenario/witness.hpp"
#include "tests/scenario/writer.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace postern::scenario {

// Where a process that is one of several has its lanes from.
class LaneSource {
 public:
    virtual ~LaneSource() = default;
    virtual void want(const dispatch::Nudge& nudge) = 0;
    virtual void give_back(const dispatch::GiveBackLane& lane) = 0;
    virtual Microseconds ours_until() const = 0;  // true time
    virtual std::size_t live_nodes() const = 0;
    // The process changed it by itself: the others are to hear of it.
    virtual void changed(const dispatch::Endpoint& endpoint) = 0;
};

// One life of the daemon, from its start to its crash: what the real dispatcher does around the
// engine, with the world's agenda in the place of threads, sockets and disks. It ends by being
// destroyed; whatever was to come back to it is then lost.
class Process : public std::enable_shared_from_this<Process> {
 public:
    struct Parts {
        Agenda& agenda;
        FakeStore& store;
        FakeNetwork& network;
        Witness& checker;
        Trace& trace;
        Situations& seen;
        const Plan& plan;
        const Clock& wall;
        const StoreTrouble& trouble;
        LaneSource* lanes = nullptr;  // null: all are its own
    };
    Process(Parts parts, Random random);

    void begin(const std::vector<EndpointId>& endpoints);
    void stop() { engine_.stop(); }
    // Somebody set the clock: the real driver looks at least once a second.
    void look_soon();

    using EndpointPointer = std::shared_ptr<const dispatch::Endpoint>;
    using Endpoints = KnownEndpoints;
    const Endpoints& endpoints() const { return endpoints_; }
    TimePoint now() const { return clock_.now(); }

    void submit(Unit unit);
    // After the commit.
    void put(const dispatch::Endpoint& endpoint);
    void remove(EndpointId endpoint);
    void take(const std::vector<Scheduled>& made, const FakeStore::EventPointer& event);
    void nudge(const dispatch::Nudge& nudge);
    void audit();

    // ---- as one of several
    void granted(EndpointId lane, std::int64_t fence);
    void revoked(EndpointId lane);
    void hand_over();
    // Nothing happens in it until then, and it does not notice.
    void freeze_until(Microseconds at) { frozen_until_ = std::max(frozen_until_, at); }
    bool is_frozen() const { return parts_.agenda.now() < frozen_until_; }
    // At once, or when it wakes.
    void when_awake(std::function<void()> deed);

 private:
    void later(Microseconds delay, std::function<void()> deed);
    void poll_soon();
    void poll();
    void check_for_spinning(TimePoint now);
    void arm(TimePoint now);

    void act(const dispatch::StartAttempt& start);
    void act(const dispatch::LoadDue& load);
    void act(const dispatch::RecordEnd& order);
    void act(const dispatch::WantLane& want);
    void act(const dispatch::GiveBackLane& lane);
    void stand();
    void read_health(EndpointId lane, std::int64_t fence);
    void sweep();
    bool may_send(DeliveryId delivery) const;

    using EventPointer = FakeStore::EventPointer;
    bool read_fails();
    Microseconds read_delay();
    void read_event(const dispatch::StartAttempt& start);
    void go_on(const dispatch::StartAttempt& start, const EventPointer& content);
    std::optional<dispatch::SkipReason>
    reason_to_skip(const dispatch::StartAttempt& start, const EventPointer& content) const;
    void not_made(DeliveryId delivery);
    void send(const dispatch::StartAttempt& start, const EventPointer& content);
    void answer_due(const storage::DueQuery& query);
    struct Writing;
    Result<void, storage::StoreError> write(Writing& writing);
    void written(Writing& writing, Unit::End end);

    Parts parts_;
    Random random_;
    Random spread_;
    ForwardClock clock_;
    dispatch::Engine engine_;
    std::shared_ptr<Writer> writer_;
    Endpoints endpoints_;
    std::vector<dispatch::EngineAction> actions_;
    bool poll_planned_ = false;
    std::optional<TimePoint> armed_for_;
    std::int64_t alarm_ = 0;
    Microseconds frozen_until_{0};
    std::map<EndpointId, std::int64_t> granting_;  // with their fences: health not read yet
};

}  // namespace postern::scenario
