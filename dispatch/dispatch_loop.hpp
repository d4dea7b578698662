#pragma once

#include "core/forward_clock.hpp"
#include "dispatch/dispatch_metrics.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/endpoint_series.hpp"
#include "dispatch/record_unit.hpp"
#include "dispatch/sender.hpp"
#include "dispatch/store_reads.hpp"
#include "net/alarm.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace postern::dispatch {

// What other threads have for the dispatcher's thread. A burst costs one letter.
struct Mail {
    std::vector<FreshDelivery> fresh;
    std::vector<Nudge> nudges;
    struct EndpointChange {
        EndpointId id;
        std::shared_ptr<const Endpoint> endpoint;  // null: removed
    };
    std::vector<EndpointChange> endpoints;
    std::map<EndpointId, TimePoint> spilled;  // fresh ones that were not taken along, by first due

    bool empty() const {
        return fresh.empty() && nudges.empty() && endpoints.empty() && spilled.empty();
    }
    void lower(const FreshDelivery& delivery) {
        TimePoint& due_at = spilled.try_emplace(delivery.endpoint, delivery.due_at).first->second;
        due_at = std::min(due_at, delivery.due_at);
    }
};

// The dispatcher's thread: feeds the engine with what happens and does what it says. Everything
// here runs on that thread unless it says otherwise.
class DispatchLoop final : private LaneClaims::Listener {
 public:
    DispatchLoop(
        const Dispatcher::Parts& parts,
        const DispatcherOptions& options,
        net::IoThread& thread
    );
    ~DispatchLoop() override;

    // Before the thread runs.
    Result<void, Complaint> load(storage::Connection& connection);
    void begin();

    void accept(Mail mail);
    net::Task<AttemptResult>
    send_now(std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<const EventContent> event);
    void stop_starting() { engine_.stop(); }
    // Ends what is under way; its deliveries stay due.
    void cut();
    bool is_quiet() const;
    // Once it is quiet: whatever is ours still is for others from here on.
    void hand_over();
    bool is_handed_over() const { return parts_.claims == nullptr || parts_.claims->has_stopped(); }

    // Any thread.
    bool is_sending(DeliveryId delivery) const;
    Engine::Status status() const;
    Standstill standstill() const;

 private:
    class PollLetter;
    using SteadyTime = std::chrono::steady_clock::time_point;

    // dispatch_claims.cpp
    void granted(const std::vector<LaneClaims::Granted>& lanes) override;
    void revoked(const std::vector<EndpointId>& lanes) override;
    void due(const std::vector<Nudge>& nudges) override;
    void read_health();
    void start_health_read(const std::vector<LaneClaims::Granted>& lanes);
    void health_read(std::vector<HealthRead::Found>* found);
    void stand();
    bool may_send(DeliveryId delivery) const;
    storage::LaneHolder holder() const;
    void send_claims();
    void act(const WantLane& want);
    void act(const GiveBackLane& lane) { given_back_.push_back({lane.endpoint, lane.next_due}); }

    void poll_soon();
    void poll();
    void arm(TimePoint now);
    void tick();
    void sweep();
    void swept(const std::vector<Nudge>& found);

    void act(StartAttempt& start);
    void act(LoadDue& load);
    void act(RecordEnd& record);
    net::Task<void> attempt(StartAttempt start);
    net::Task<std::optional<SkipReason>>
    read_event(const StartAttempt& start, std::shared_ptr<const EventContent>& content);
    void read_due(const storage::DueQuery& query, storage::DueRows* rows);
    void attempt_over(const StartAttempt& start, const AttemptResult& result);
    void written(const RecordEnd& order, const RecordUnit::Outcome& outcome);
    void report(const RecordEnd& order, const Recorded& recorded) const;
    void mark_sending(DeliveryId delivery);
    void mark_idle(DeliveryId delivery);
    void note_turn(const Engine::Status& status, TimePoint now);

    const Dispatcher::Parts& parts_;
    net::IoThread& thread_;
    ForwardClock clock_;
    DispatchMetrics metrics_;
    EndpointSeries endpoint_series_;
    std::int64_t ticks_ = 0;
    net::Resolver resolver_;
    net::HttpClient client_;
    Sender sender_;
    Engine engine_;
    RecordUnit::Surroundings record_around_;
    RecordUnit::OnWritten on_written_;

    std::unique_ptr<PollLetter> poll_letter_;
    net::Alarm alarm_;
    net::Alarm ticker_;
    std::optional<TimePoint> armed_for_;
    std::vector<EngineAction> actions_;
    DueRead::OnRead on_due_;
    SweepRead sweep_;
    EndpointId swept_until_;
    std::map<EndpointId, std::int64_t> granting_;  // with their fences: granted, health not read
    HealthRead::OnRead on_health_;
    std::vector<Nudge> wanted_;
    std::vector<LaneClaims::Idle> given_back_;
    std::int64_t tasks_ = 0;         // attempts under way, those outside of queues too
    std::int64_t reads_ = 0;         // of the store
    std::int64_t health_reads_ = 0;  // of those
    std::int64_t records_ = 0;       // units with the writer
    enum class Phase { running, cutting, over } phase_ = Phase::running;

    mutable std::mutex mutex_;  // guards what follows
    std::unordered_set<std::int64_t> sending_;
    Engine::Status status_;
    SteadyTime turned_at_;  // the last tick
    SteadyTime moved_at_;   // the last attempt that began or ended, or moment without any overdue
};

}  // namespace postern::dispatch
