#pragma once

#include "dispatch/endpoint.hpp"
#include "dispatch/engine.hpp"
#include "tests/scenario/fake_network.hpp"

#include <cstdint>
#include <memory>
#include <vector>

// All that a seed decides before the world begins: who is there, what comes in, and what goes wrong
// when. What depends on the state of things is chosen in the world by its own numbers.
namespace postern::scenario {

enum class DeedKind : std::uint8_t {
    event_arrives,    // `index` of the plan's events
    event_forgotten,  // retention took it
    endpoint_disabled,
    endpoint_enabled,
    endpoint_deleted,
    endpoint_edited,  // what it subscribes to, its rate, its cap
    process_killed,   // and started again after `span`
    process_stopped,  // in order, with so much patience as a supervisor has
    clock_set,        // by `shift`
    store_stalls,     // for `span`
    store_fails,      // for `span`, now and then
    delivery_retried,
    delivery_canceled,
    healed,  // no more faults; the disabled are enabled, the dead opened again
};

struct Deed {
    Microseconds at;
    DeedKind kind = DeedKind::event_arrives;
    std::size_t index = 0;  // of an event or an endpoint
    Microseconds span{0};
    Microseconds shift{0};
};

struct PlannedEndpoint {
    dispatch::Endpoint endpoint;
    std::vector<Phase> phases;
};

// A store that fails: one unit of work in so many, one read in so many; 0: never.
struct StoreFaults {
    std::int64_t unit_fails_in = 0;
    std::int64_t load_fails_in = 0;
    Microseconds load_delay_max{0};
    Microseconds commit_delay_max{0};
};

struct Plan {
    dispatch::EngineLimits limits;
    // Whether the limits alone can make an endpoint wait for another.
    enum class Room : std::uint8_t { ample, tight } room = Room::ample;
    StoreFaults faults;
    std::vector<PlannedEndpoint> endpoints;
    std::vector<std::shared_ptr<const dispatch::EventContent>> events;
    std::vector<Deed> deeds;
    Microseconds heals_at;
    Microseconds ends_at;
    std::uint64_t seed = 0;
};

inline constexpr TimePoint kWorldBegins = from_unix_seconds(1'769'594'400);
// After the faults: the longest delay of a schedule with its spread, and some.
inline constexpr std::chrono::hours kHealedHours{32};

Plan make_plan(std::uint64_t seed, std::chrono::hours length);

}  // namespace postern::scenario
