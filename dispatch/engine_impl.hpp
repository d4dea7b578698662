#pragma once

#include "dispatch/engine.hpp"
#include "dispatch/kept_contents.hpp"
#include "dispatch/lane.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace postern::dispatch {

// A delivery that has left its window.
struct Flight {
    DueItem item;
    storage::DeliveryQueue queue = storage::DeliveryQueue::fresh;
    std::shared_ptr<Origin> origin;
    std::string event_type;
    std::int64_t tenure = 0;  // of the lane when it began
    RecordEnd record;         // once it has ended
    std::chrono::seconds record_pause{0};
    // Somebody changed the row meanwhile, as a read of the store told.
    struct Newer {
        std::int64_t fence = 0;
        storage::DeliveryQueue queue = storage::DeliveryQueue::fresh;
        TimePoint due_at;
    };
    std::optional<Newer> newer;
    bool is_withdrawn = false;  // what its end writes may be old when we hear of it
};

// Where a delivery is that the engine has in hand.
struct Held {
    enum class Place : std::uint8_t { window, in_flight, unrecorded } place = Place::window;
    EndpointId endpoint;
    storage::DeliveryQueue queue = storage::DeliveryQueue::fresh;
    TimePoint due_at;                // its place in the window
    std::unique_ptr<Flight> flight;  // afterwards
};

// Lanes are looked at only when something happened to them (dirty) or when their time has come
// (sleepers); a look puts them into the round of those that may send, to sleep, or aside. So a poll
// costs what happened, not what there is.
struct Engine::Impl {
    Impl(EngineLimits chosen, Random chance)
        : limits{chosen},
          random{std::move(chance)},
          kept{chosen.content_bytes_max / kKeptContentPart} {}

    // engine.cpp
    Lane* find_lane(EndpointId id);
    void put(
        std::shared_ptr<const Endpoint> endpoint,
        const std::optional<storage::EndpointHealthRow>& health,
        const StoredDue& stored_due
    );
    Lane&
    make_lane(std::shared_ptr<const Endpoint> endpoint, const storage::EndpointHealthRow& health);
    void change_endpoint(Lane& lane, std::shared_ptr<const Endpoint> endpoint);
    void remove(Lane& lane);
    void bury_if_forgotten(Lane& lane);
    void move_to_origin(Lane& lane);
    void leave_origin(Lane& lane);
    Status status(TimePoint at) const;
    void count_in(Status& status, const Lane& lane, TimePoint at) const;

    // engine_claims.cpp
    bool is_by_grant() const { return limits.lanes == EngineLimits::Lanes::by_grant; }
    bool is_current(const Lane& lane, const Flight& flight) const;
    void grant(Lane& lane, const storage::EndpointHealthRow& health, TimePoint at);
    void end_tenure(Lane& lane);
    void want(const Lane& lane, const Nudge& nudge);
    void give_back(Lane& lane, std::optional<TimePoint> next_due);
    std::optional<TimePoint> next_work(const Lane& lane) const;
    std::optional<TimePoint> release_time(Lane& lane) const;
    void give_back_starved();
    std::optional<TimePoint> starved_wake() const;
    void stand(const Standing& chosen);
    std::int64_t in_flight_per_origin() const;
    void emit_claims(std::vector<EngineAction>& actions);
    std::vector<EndpointId> ours_after(EndpointId last, std::size_t count_max) const;

    // engine_lanes.cpp
    void poll(TimePoint at, std::vector<EngineAction>& actions);
    void mark_dirty(Lane& lane);
    void look_at_dirty();
    void look_at(Lane& lane);
    bool may_start(const Lane& lane) const;
    std::int64_t in_flight_allowed(const Lane& lane) const;
    std::optional<TimePoint> wake_time(const Lane& lane) const;
    std::optional<TimePoint> load_time(const Window& window) const;
    void rest_until(Lane& lane, std::optional<TimePoint> wake_at);
    void wake_sleepers();
    void run_turns(std::vector<EngineAction>& actions);
    Lane* next_in_turn();
    bool is_full() const;
    bool has_room_for(std::int64_t lane_in_flight) const;
    void wait_for_room(Lane& lane);
    void leave_crowd(Lane& lane);
    void take_turn(Lane& lane, std::vector<EngineAction>& actions);
    void start_attempt(Lane& lane, std::vector<EngineAction>& actions);
    void pass_on_room(Origin& origin);
    void on_clock_set_back(TimePoint at);

    // engine_windows.cpp
    bool has_room(const Window& window) const;
    bool may_take_from_richest(const Window& window) const;
    bool make_room(const Window& window);
    void insert(Lane& lane, storage::DeliveryQueue queue, DueItem item);
    void place(Lane& lane, storage::DeliveryQueue queue, DueItem item);
    void insert_or_leave(Lane& lane, storage::DeliveryQueue queue, DueItem item);
    void sort_by_size(const Window& window, std::size_t size_before);
    DueItem take_out(Window& window, Window::Key key);
    void evict_last(Window& window);
    void drop_windows(Lane& lane);
    void drop_contents(Lane& lane);
    void charge(const Lane& lane, DueItem& item);
    void discharge(const DueItem& item);
    void offer(DueItem item);
    void nudge(const Nudge& nudge);
    void withdraw(DeliveryId delivery);
    void settle(Lane& lane, const Window::Load::Settled& settled);
    void withdraw_from_loads(DeliveryId delivery);
    void keep_or_leave(Lane& lane, storage::DeliveryQueue queue, DueItem item);
    void bring_near(Window& window, TimePoint at);

    // engine_loads.cpp
    std::size_t window_max() const;
    bool is_low(const Window& window) const;
    bool is_load_paused(const Window& window) const;
    bool is_due_or_absurd(TimePoint due_at) const;
    void consider_load(Lane& lane, storage::DeliveryQueue queue);
    void start_loads(std::vector<EngineAction>& actions);
    LoadDue begin_load(Lane& lane, storage::DeliveryQueue queue);
    void loaded(const storage::DueQuery& query, storage::DueRows rows);
    void load_failed(const storage::DueQuery& query, TimePoint at);
    void take_row(Lane& lane, const Window::Load& load, storage::DeliveryRow row);
    void note_newer(Flight& flight, const storage::DeliveryRow& row);
    void take_offered(Lane& lane, storage::DeliveryQueue queue, Window::Load load);
    void end_load(EndpointId id, storage::DeliveryQueue queue);
    void abandon_load(Lane& lane, storage::DeliveryQueue queue);

    // engine_ends.cpp
    Held* find_in_flight(DeliveryId delivery);
    Lane& land(Held& held);
    void attempt_ended(Held& held, AttemptResult result, TimePoint at);
    void attempt_skipped(Held& held, SkipReason reason);
    void attempt_not_made(DeliveryId delivery, TimePoint at);
    void judge_health(Lane& lane, RecordEnd& record, const AttemptResult& result, TimePoint at);
    void obey(Lane& lane, RecordEnd& record);
    bool is_news(const Lane& lane) const;
    void await_record(Lane& lane, Held& held, RecordEnd record);
    void stop_lane(Lane& lane, RecordEnd& record, std::string_view reason);
    void go_on_from(Lane& lane, const Flight& flight, const storage::DeliveryRow& row);
    void recorded_late(Lane& lane, const Flight& flight, const Recorded& outcome);
    void recorded(DeliveryId delivery, const Recorded& outcome);
    void record_failed(DeliveryId delivery, TimePoint at);
    void wake_records();
    void emit_records(std::vector<EngineAction>& actions);

    EngineLimits limits;
    Random random;
    bool is_stopping = false;
    std::optional<TimePoint> polled_at;
    TimePoint now;  // of the last poll

    std::map<EndpointId, std::unique_ptr<Lane>> lanes;
    std::map<std::string, std::weak_ptr<Origin>> origins;
    std::unordered_map<std::int64_t, Held> held;  // by delivery

    // All by id: a lane may be gone when its turn comes.
    std::vector<EndpointId> dirty;
    std::deque<EndpointId> ready;
    std::set<std::pair<std::int64_t, EndpointId>> crowded;  // by what they have under way
    std::set<std::pair<TimePoint, EndpointId>> sleepers;
    std::deque<std::pair<EndpointId, storage::DeliveryQueue>> loads_wanted;
    std::vector<DeliveryId> records_to_emit;
    std::set<std::pair<TimePoint, DeliveryId>> records_asleep;

    // The windows that are not empty.
    std::set<std::tuple<std::size_t, EndpointId, storage::DeliveryQueue>> by_size;
    std::size_t items = 0;  // in windows
    std::size_t content_bytes = 0;
    std::int64_t in_flight = 0;
    std::int64_t unrecorded = 0;
    std::vector<std::pair<EndpointId, storage::DeliveryQueue>> loads_under_way;
    std::uint64_t looks = 0;

    static constexpr std::size_t kKeptContentPart = 4;
    KeptContents kept;
    Standing standing;
    std::set<EndpointId> granted;
    std::map<std::pair<EndpointId, storage::DeliveryQueue>, TimePoint> lanes_wanted;
    std::vector<Nudge> changed_elsewhere;  // deliveries that the lane's node may hold as they were
    std::vector<GiveBackLane> given_back;
    std::optional<TimePoint> starved_look;  // the next one
};

}  // namespace postern::dispatch
