#pragma once

#include "cluster/lane_claims.hpp"
#include "cluster/lane_records.hpp"
#include "cluster/reconciler.hpp"
#include "net/alarm.hpp"

#include <array>
#include <atomic>
#include <bitset>
#include <mutex>
#include <span>
#include <unordered_map>

// The inside of NodeLaneClaims. Everything runs on the dispatcher's thread unless it says
// otherwise.
namespace postern::cluster {

struct LaneMetrics {
    explicit LaneMetrics(MetricRegistry& metrics);
    Gauge held;
    Gauge queue_up;
    Gauge store_up;
    Counter claimed;
    Counter refused;
    Counter revoked;
    Counter flushes;
    Histogram claim_seconds;
};

// One that this node has, or is about to have, or is about not to have.
struct Lane {
    enum class State : std::uint8_t {
        asking,      // Redis is asked, or will be
        confirming,  // the store is asked, or will be
        held,
        releasing  // the store is told
    };
    State state = State::asking;
    // What is wanted of it, while it is not ours: of another node, should it turn out to have it.
    std::vector<dispatch::Nudge> nudges;
    std::int64_t queue_fence = 0;       // of its lease in Redis; 0: none
    std::int64_t store_fence = 0;       // of its row in the store; 0: not known
    std::int64_t number_seen = 0;       // of the calls for it that were heard
    std::optional<TimePoint> next_due;  // of one that is given back
    std::chrono::steady_clock::time_point since;
};

struct NodeLaneClaims::Impl {
    // Others have to find out before what was left to them is taken again.
    static constexpr std::chrono::seconds kYield{2};
    static constexpr std::size_t kExtendedAtOnce = 1'000;
    static constexpr std::size_t kSweptAtOnce = 1'000;
    static constexpr std::size_t kConfirmedAtOnce = 2'000;
    static constexpr std::chrono::seconds kFailureLasts{10};

    struct Shard {
        std::optional<SteadyTime> next;  // something falls due, or a lease ends
        SteadyTime yields_until = {};
        bool claiming = false;
        bool claim_failed = false;       // the last one: there was no answer, or a refusal
        bool emptied = false;            // by somebody, and not filled again
        std::vector<EndpointId> wanted;  // all of them asking
    };
    enum class Phase { idle, running, stopped };

    explicit Impl(Parts parts_to_keep);
    void start(net::IoThread& io_thread, Listener& told);
    void stop();
    void thread_ended();
    net::Task<void> leave(LaneShard shard, std::vector<LaneQueue::Returned> lanes);
    Status status() const;

    // Lanes
    void want(const dispatch::Nudge& nudge);
    void ask_for(EndpointId endpoint, Lane& lane);
    void give_back(const Idle& idle);
    void turn_soon();
    void turn();
    void tick();
    void follow_lease();
    void revoke_all();
    bool has_lease() const;
    bool is_queue_up() const { return client && client->is_up(); }
    using ShardSet = std::bitset<kLaneShards>;
    ShardSet left_to_store() const;
    ShardSet swept_shards() const;
    std::string why_queue_is_down() const;
    void note_status();
    Status::Store state_of_store() const;
    void listen_as_node();
    void heard_calls(std::int64_t node, std::string_view message);
    void heard_due(std::string_view message);

    // Redis
    void queue_is_up();
    void look_at_all_shards();
    void ask_queue();
    net::Task<void> ask(LaneShard shard, std::vector<EndpointId> lanes);
    void answered(
        LaneShard which,
        const std::vector<LaneCall>& calls,
        const LaneQueue::WantAnswer& answer
    );
    std::vector<LaneCall> calls_for(const std::vector<EndpointId>& lanes);
    void arm_claims();
    void claim_ring();
    SteadyTime claim_at(LaneShard shard) const;
    bool is_primary(LaneShard shard) const;
    net::Task<void> claim(LaneShard shard);
    void claimed(const Leased& leased);
    void extend_all();
    net::Task<void> extend(LaneShard shard, std::vector<EndpointId> lanes);
    net::Task<void> return_lanes(LaneShard shard, std::vector<LaneQueue::Returned> lanes);
    net::Task<void> hand_over(LaneShard shard, std::vector<LaneQueue::HandedOver> lanes);
    void note_state(LaneShard which, ShardState state);
    net::Task<void> call_for_rebuild();

    // The store
    void confirm(EndpointId endpoint, Lane& lane);
    void confirm_some();
    struct Confirmation {
        std::int64_t node = 0;
        std::vector<EndpointId> lanes;
        std::vector<LaneVerdict> verdicts;
    };
    struct Settled;
    void confirmed(const Confirmation& confirmation, LaneStore::Outcome outcome);
    void settle(const LaneVerdict& verdict, Settled& settled);
    void tell_queue(Settled& settled);
    void ask_again(const std::vector<EndpointId>& lanes, std::chrono::milliseconds wait);
    HeldLane held_lane(EndpointId endpoint) const;
    void release_some();
    void released(const std::vector<EndpointId>& lanes, LaneStore::Outcome outcome);
    void give_all_back();
    struct Leaving;
    void all_given_back(Leaving& rows, LaneStore::Outcome outcome);
    void take_up_lanes();
    void taken_up(const std::vector<EndpointId>& found, LaneStore::Outcome outcome);
    void sweep();
    void sweep_next();
    void forget_shares();
    void swept(const std::vector<EndpointId>& found, LaneStore::Outcome outcome);

    Microseconds wait_until(TimePoint at) const;
    Shard& shard(EndpointId endpoint) { return shards.at(shard_of(endpoint).number); }
    template <class T>
    using ByShard = std::array<std::vector<T>, kLaneShards>;

    Parts parts;
    LaneMetrics metrics;
    std::vector<std::int64_t> live;  // those that deliver, as of the last tick
    std::size_t only_receiving = 0;
    std::int64_t node = 0;  // whose lanes these are; 0: we are no node at this moment
    Phase phase = Phase::idle;
    net::IoThread* thread = nullptr;
    Listener* listener = nullptr;

    std::unordered_map<std::int64_t, Lane> lanes;  // by endpoint
    std::size_t held = 0;
    std::array<Shard, kLaneShards> shards;
    std::string why_claim_failed;
    std::vector<dispatch::Nudge> dues;  // for lanes of ours
    std::vector<EndpointId> to_confirm;
    std::vector<EndpointId> to_release;  // those of a release that failed too
    bool confirming = false;
    std::optional<SteadyTime> confirm_failed_at;  // absent: it did not, the last time
    bool releasing = false;
    bool may_have_forgotten = true;  // lanes that the store has as ours
    bool taking_up = false;
    SteadyTime take_up_at = {};
    std::vector<EndpointId> share;            // of the endpoints, to be swept
    std::vector<EndpointId> share_of_others;  // after it
    bool sweeping = false;
    SteadyTime extend_at = {};
    SteadyTime look_at = {};
    bool was_up = false;        // Redis, since this process began
    SteadyTime called_at = {};  // for a rebuild
    std::int64_t listening_as = 0;
    int leaving = 0;  // what is under way after stop()

    std::unique_ptr<redis::Client> client;
    std::unique_ptr<LaneQueue> queue;
    std::unique_ptr<LaneStore> store;
    std::unique_ptr<Reconciler> reconciler;
    class TurnLetter;
    std::unique_ptr<TurnLetter> turn_letter;
    std::unique_ptr<net::Alarm> ticker;
    std::unique_ptr<net::Alarm> claim_alarm;
    std::unique_ptr<net::Alarm> retry_alarm;

    // Any thread.
    std::atomic<bool> reconciling = false;
    std::atomic<std::int64_t> node_of_lanes = 0;
    mutable std::mutex mutex;  // guards what follows
    Status last_status;
};

}  // namespace postern::cluster
