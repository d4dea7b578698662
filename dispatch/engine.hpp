#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "dispatch/attempt.hpp"
#include "dispatch/breaker.hpp"
#include "dispatch/delivery_book.hpp"
#include "dispatch/delivery_machine.hpp"
#include "dispatch/endpoint.hpp"
#include "storage/endpoint_repository.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// Decides what is sent when, to whom, and what its end means. No I/O: facts and the time in,
// actions out. One thread. Between the store and the engine nothing is lost, because what is not in
// the engine's memory is in the store by due time, and for each endpoint and queue the engine knows
// the earliest due time that it does not hold.
//
// Of several nodes that share a store, each serves the lanes that were granted to it; a lane is an
// endpoint with its deliveries. Of the others it only asks for what somebody says is due there.
namespace postern::dispatch {

struct EngineLimits {
    std::size_t window_items = 128;   // held in memory for each endpoint and queue
    std::size_t items_max = 200'000;  // held in memory in all
    std::size_t content_bytes_max = std::size_t{64} << 20;  // of fresh events in memory
    std::int64_t in_flight_max = 1'024;                     // in all
    std::int64_t in_flight_per_origin_max = 256;  // scheme, host and port, across accounts
    std::int64_t unrecorded_max = 8'192;          // ended, but not yet written down
    std::int64_t loads_max = 16;                  // reads of the store under way
    std::chrono::seconds load_retry{1};           // after a read that failed
    BreakerLimits breaker = {};
    enum class Lanes : std::uint8_t { all_ours, by_grant } lanes = Lanes::all_ours;
    // By grant: given back when for so long nothing was under way, with nothing due so soon.
    std::chrono::seconds idle_release{5};
    // By grant: given back when it could send for so long, and there was no room for any more.
    std::chrono::seconds starved_release{2};
};

// A delivery that is held in memory.
struct DueItem {
    DeliveryId delivery;
    EventId event;
    EndpointId endpoint;
    TimePoint due_at;
    std::int64_t fence = 0;
    std::int64_t sequence = 0;
    std::int64_t order_key = 0;
    DeliveryProgress progress;
    std::shared_ptr<const EventContent>
        content;            // of a fresh one; empty: to be read when it is sent
    bool was_read = false;  // from the store, so that the word of its commit may come later
};
DueItem due_item_of(const storage::DeliveryRow& row);

// ---- what the driver is to do; each is answered by the call named in its comment.

struct StartAttempt {  // attempt_ended() or attempt_skipped()
    DueItem item;
    std::shared_ptr<const Endpoint> endpoint;
};
struct LoadDue {  // loaded() or load_failed()
    storage::DueQuery query;
};
struct RecordEnd {  // recorded() or record_failed()
    FinishedDelivery finished;
    EndpointId endpoint;
    std::optional<storage::EndpointHealthRow> health;  // to be written with it, when it changed
    enum class Notice : std::uint8_t { none, failing, recovered } notice = Notice::none;
    // The endpoint is to be disabled in the same transaction, and why: gone, requested, failing.
    std::string_view disable_reason = {};
    std::string event_type = {};  // of the delivery's event, for delivery.exhausted; empty: unknown
    EventId event = {};
};
struct WantLane {  // grant() perhaps, or another node is told
    Nudge nudge;
};
struct GiveBackLane {  // nobody answers: it is not ours from here on
    EndpointId endpoint;
    std::optional<TimePoint> next_due;  // absent: it waits for nothing
};
using EngineAction = std::variant<StartAttempt, LoadDue, RecordEnd, WantLane, GiveBackLane>;

class Engine {
 public:
    using Random = std::function<double()>;  // in [0, 1)
    Engine(EngineLimits limits, Random random);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // A new endpoint, or a newer revision of one. Older revisions are ignored. `stored_due` are the
    // earliest due times in the store, for endpoints that had deliveries before the engine began.
    struct StoredDue {
        std::optional<TimePoint> fresh;
        std::optional<TimePoint> retry;
    };
    void put_endpoint(
        std::shared_ptr<const Endpoint> endpoint,
        const std::optional<storage::EndpointHealthRow>& health,
        StoredDue stored_due
    );
    void remove_endpoint(EndpointId id);

    // The lane is ours from here on: nothing that is remembered of it counts, since another node
    // may have served it. Its health is as it is stored.
    void
    grant(EndpointId id, const std::optional<storage::EndpointHealthRow>& health, TimePoint now);
    // Nothing of it begins any more. What is under way goes on, and its end is recorded.
    void revoke(EndpointId id);
    // At the end: every lane that is ours still.
    std::vector<GiveBackLane> give_all_back(TimePoint now);
    // How this node stands among the others, as often as it may have changed.
    struct Standing {
        TimePoint ours_until = TimePoint::max();  // attempts begin before that
        std::size_t live_nodes = 1;               // who share an origin's cap
    };
    void stand(const Standing& standing);
    // Lanes of ours behind that one, by id.
    std::vector<EndpointId> ours_after(EndpointId last, std::size_t count_max) const;
    // False: its lane has changed hands since the attempt was started.
    bool may_send(DeliveryId delivery) const;

    // A delivery that was just committed, due now. Not kept in memory when there is no room: then
    // it is found in the store.
    void offer(DueItem item);
    void nudge(const Nudge& nudge);
    // Somebody else changed it (canceled it): it is not sent as it was read. What is under way goes
    // on, and its end will be stale.
    void withdraw(DeliveryId delivery);

    void attempt_ended(DeliveryId delivery, AttemptResult result, TimePoint now);
    void attempt_skipped(DeliveryId delivery, SkipReason reason, TimePoint now);
    // The driver could not even begin, through no fault of the endpoint's: due again after a pause.
    void attempt_not_made(DeliveryId delivery, TimePoint now);
    // `event_type` chooses the retry schedule; the driver knows it once it has read the event.
    void learned_event_type(DeliveryId delivery, std::string_view event_type);
    void recorded(DeliveryId delivery, const Recorded& recorded);
    // Not written: asked for again after a pause.
    void record_failed(DeliveryId delivery, TimePoint now);
    void loaded(const storage::DueQuery& query, storage::DueRows rows);
    void load_failed(const storage::DueQuery& query, TimePoint now);

    // Everything that is to be done now. Call it after any of the above and when next_wake() is
    // reached.
    void poll(TimePoint now, std::vector<EngineAction>& actions);
    std::optional<TimePoint> next_wake() const;

    // Takes no more out of its queues; what is under way goes on.
    void stop();

    struct Status {
        std::size_t endpoints = 0;  // whose lanes are ours, as all that follows
        std::size_t items = 0;
        std::size_t content_bytes = 0;
        std::int64_t in_flight = 0;
        std::int64_t unrecorded = 0;
        std::int64_t breakers_open = 0;
        // The oldest due time of an open delivery that could be sent and is not.
        std::optional<TimePoint> oldest_due;
        std::uint64_t looks = 0;  // at lanes, since the beginning: what the polls cost
    };
    Status status(TimePoint now) const;
    bool is_in_flight(DeliveryId delivery) const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace postern::dispatch
