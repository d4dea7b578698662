#pragma once

#include "dispatch/engine.hpp"
#include "dispatch/rate_bucket.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the engine knows of one endpoint. Private to the engine.
namespace postern::dispatch {

std::optional<TimePoint> earlier(std::optional<TimePoint> one, std::optional<TimePoint> other);

// "https://host:port" of an endpoint's URL, in lower case.
std::string origin_of_url(std::string_view url);

struct Origin {
    std::int64_t in_flight = 0;
    std::deque<EndpointId> waiters;  // lanes that could send, were there room
};

// The deliveries of one queue of one endpoint: the earliest ones in memory, the others in the
// store.
struct Window {
    using Key = std::pair<TimePoint, DeliveryId>;
    enum class News : std::uint8_t { current, old, in_doubt };
    struct Load {
        News judge(const DueItem& item) const;
        std::optional<TimePoint> from;  // what store_due was when it began
        // Written while it was under way: what its answer says of it below that fence is old.
        // Without a fence, all that it says is in doubt.
        struct Settled {
            DeliveryId delivery;
            std::optional<std::int64_t> fence;
        };
        std::vector<Settled> settled;
        std::vector<DueItem> offered;  // committed while it was under way
        bool is_void = false;          // the lane has changed hands since it began
    };

    EndpointId endpoint;  // whose it is
    storage::DeliveryQueue queue = storage::DeliveryQueue::fresh;
    std::map<Key, DueItem> items;
    // No open delivery of this queue that is not in memory is due earlier; absent: there is none.
    std::optional<TimePoint> store_due;
    // What was read has been sent so far: of what is offered up to there, the store knows more.
    std::optional<TimePoint> sent_up_to;
    std::optional<Load> load;
    bool load_wanted = false;  // stands in the row of those who wait for a read
    TimePoint load_not_before;

    void lower_store_due(TimePoint due_at);
    // Also counts what a load under way may still bring.
    std::optional<TimePoint> earliest_in_store() const;
    std::optional<TimePoint> head() const;
};

struct Lane {
    Lane(
        std::shared_ptr<const Endpoint> served,
        const BreakerLimits& limits,
        const storage::EndpointHealthRow& stored
    );

    EndpointId id() const { return endpoint->id; }
    bool is_serving() const;
    bool is_at_work() const { return hands == Hands::ours && is_serving(); }
    bool is_reading() const;
    bool is_forgotten() const;  // removed, and nothing of it is under way
    Window& window(storage::DeliveryQueue queue);
    // The head that goes next: fresh before retry; absent: nothing is due.
    std::optional<storage::DeliveryQueue> next_queue(TimePoint now) const;
    std::int64_t outstanding() const { return in_flight + unrecorded; }
    storage::EndpointHealthRow health() const;
    void take_health(const storage::EndpointHealthRow& stored, const BreakerLimits& limits);

    std::shared_ptr<const Endpoint> endpoint;
    std::shared_ptr<Origin> origin;
    Breaker breaker;
    RateBucket bucket;
    Window fresh;
    Window retry;
    static constexpr std::int64_t kTurnsForOneRetry = 8;

    std::int64_t turns = 1;
    std::int64_t in_flight = 0;
    std::int64_t unrecorded = 0;
    storage::EndpointHealthRow health_written;

    // stopped: the endpoint asked for it, and the store is being told.
    enum class Presence : std::uint8_t { here, stopped, removed } presence = Presence::here;
    enum class Hands : std::uint8_t { ours, others } hands = Hands::ours;
    std::int64_t tenure = 0;                 // counts the changes of hands
    std::optional<TimePoint> ours_since;     // by grant
    std::optional<TimePoint> idle_since;     // by grant: nothing under way, nothing due soon
    TimePoint ready_since;                   // of is_ready
    bool is_dirty = false;                   // to be looked at in the next poll
    bool is_ready = false;                   // stands in the round
    bool waits_for_origin = false;           // stands in its origin's row
    bool woken_by_origin = false;            // must pass the room on if it does not use it
    std::optional<std::int64_t> crowded_at;  // stands among the crowded, with so many under way
    std::optional<TimePoint> wake_at;        // stands among the sleepers
};

}  // namespace postern::dispatch
