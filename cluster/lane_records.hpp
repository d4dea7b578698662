#pragma once

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// Who serves which lane, as the store has it, which is what counts. Every statement is a
// transaction of its own, so no lock outlives an answer.
namespace postern::cluster {

struct NodeLanes {
    std::int64_t node = 0;
    std::span<const EndpointId> lanes;
};

struct LaneVerdict {
    enum class Kind : std::uint8_t {
        ours,
        taken,     // another node has it, and lives
        gone,      // there is no such endpoint
        contested  // somebody is changing it at this moment: ask again
    };
    EndpointId endpoint;
    Kind kind = Kind::contested;
    std::int64_t fence = 0;  // of ours: greater at each change of hands
    std::int64_t owner = 0;  // of a taken one
};

// Gives the node those lanes that nobody has, that it has itself, or whose node's lease has ended.
// Such a node is ended for good first, in its own row, so that one which renews its lease at that
// very moment either keeps its lanes or learns that it lost them.
[[nodiscard]] Result<std::vector<LaneVerdict>, storage::StoreError>
confirm_lanes(storage::Connection& connection, NodeLanes wanted);

// Those that the store has as the node's.
[[nodiscard]] Result<std::vector<EndpointId>, storage::StoreError>
list_lanes_of(storage::Connection& connection, std::int64_t node);

// Only where they are the node's, and have not changed hands since: a release that was held up on
// its way takes nothing from whoever has the lane by then, be it the same node again.
struct HeldLane {
    EndpointId endpoint;
    std::int64_t fence = 0;  // 0: not known, so whatever it is
};
[[nodiscard]] Result<void, storage::StoreError>
release_lanes(storage::Connection& connection, std::int64_t node, std::span<const HeldLane> lanes);

// Of these endpoints those that no living node serves although something is due.
[[nodiscard]] Result<std::vector<EndpointId>, storage::StoreError> find_unserved(
    storage::Connection& connection,
    std::span<const EndpointId> endpoints,
    TimePoint now
);

struct EarliestDue {
    EndpointId endpoint;
    std::optional<TimePoint> due_at;  // none: nothing waits
};
struct EndpointSlice {
    EndpointId after;
    std::size_t rows_max = 0;
};
// The next endpoints by id, whether something waits for them or not.
[[nodiscard]] Result<std::vector<EarliestDue>, storage::StoreError>
read_earliest_due(storage::Connection& connection, EndpointSlice slice);

}  // namespace postern::cluster
