#pragma once

#include "core/forward_clock.hpp"
#include "dispatch/engine.hpp"
#include "tests/scenario/checker.hpp"
#include "tests/scenario/trace.hpp"
#include "tests/scenario/writer.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace postern::scenario {

// One life of the daemon, from its start to its crash: what the real dispatcher does around the
// engine, with the world's agenda in the place of threads, sockets and disks. It ends by being
// destroyed; whatever was to come back to it is then lost.
class Process : public std::enable_shared_from_this<Process> {
 public:
    struct Parts {
        Agenda& agenda;
        FakeStore& store;
        FakeNetwork& network;
        Checker& checker;
        Trace& trace;
        Situations& seen;
        const Plan& plan;
        const Clock& wall;
        const StoreTrouble& trouble;
    };
    Process(Parts parts, Random random);

    void begin(const std::vector<EndpointId>& endpoints);
    void stop() { engine_.stop(); }
    // Somebody set the clock: the real driver looks at least once a second.
    void look_soon();

    using EndpointPointer = std::shared_ptr<const dispatch::Endpoint>;
    using Endpoints = std::map<EndpointId, EndpointPointer>;
    const Endpoints& endpoints() const { return endpoints_; }
    TimePoint now() const { return clock_.now(); }

    void submit(Unit unit) { writer_->submit(std::move(unit)); }
    // After the commit.
    void put(const dispatch::Endpoint& endpoint);
    void remove(EndpointId endpoint);
    void take(const std::vector<storage::DeliveryRow>& rows, const FakeStore::EventPointer& event);
    void nudge(const dispatch::Nudge& nudge);
    void audit();

 private:
    void later(Microseconds delay, std::function<void()> deed);
    void poll_soon();
    void poll();
    void check_for_spinning(TimePoint now);
    void arm(TimePoint now);

    void act(const dispatch::StartAttempt& start);
    void act(const dispatch::LoadDue& load);
    void act(const dispatch::RecordEnd& order);

    using EventPointer = FakeStore::EventPointer;
    bool read_fails();
    Microseconds read_delay();
    void read_event(const dispatch::StartAttempt& start);
    void go_on(const dispatch::StartAttempt& start, const EventPointer& content);
    std::optional<dispatch::SkipReason>
    reason_to_skip(const dispatch::StartAttempt& start, const EventPointer& content) const;
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
};

}  // namespace postern::scenario
