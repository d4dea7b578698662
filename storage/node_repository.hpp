#pragma once

#include "storage/database.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::storage {

// The clock that all nodes share. Whoever reads it first and judges a lease by it later is never
// too generous to himself.
[[nodiscard]] Result<TimePoint, StoreError> server_time(Connection& connection);

// A running process. Beyond the end of its lease it does nothing more for the cluster.
struct NodeRow {
    std::int64_t id = 0;
    std::int64_t number = 0;  // in the ids that it makes
    std::string name;
    std::string home;  // the same for all processes of one data directory
    std::string version;
    enum class Delivers : std::uint8_t { no, yes } delivers = Delivers::yes;  // no: only receives
    TimePoint started_at;
    TimePoint lease_until;

    bool operator==(const NodeRow&) const = default;
};

[[nodiscard]] Result<std::vector<NodeRow>, StoreError> list_nodes(Connection& connection);  // by id
[[nodiscard]] Result<void, StoreError> insert_node(Transaction& transaction, const NodeRow& row);
// A process that begins where the row's one has died takes its place: it is the same node, whose
// lease begins anew. What that one held alone ends, and its lanes if this one only receives.
[[nodiscard]] Result<void, StoreError> resume_node(Transaction& transaction, const NodeRow& row);
// False: its lease lasts beyond that moment, or the row is gone. Others go by a lease that lasts,
// so a row that was extended after it was read stays.
[[nodiscard]] Result<bool, StoreError>
delete_ended_node(Transaction& transaction, std::int64_t id, TimePoint now);

struct LeaseTerm {
    TimePoint now;
    TimePoint until;
};
// Which process a node is at the moment.
struct NodeLife {
    std::int64_t id = 0;
    TimePoint started_at;
};
// False: the lease has ended, the row is gone, or it is another process's. It is never taken up
// again.
[[nodiscard]] Result<bool, StoreError>
extend_node(Connection& connection, const NodeLife& life, const LeaseTerm& term);
// The row stays for a while, so that its number is not somebody else's at once.
[[nodiscard]] Result<void, StoreError>
end_node(Connection& connection, const NodeLife& life, TimePoint now);

// What one node does at a time. The fence grows with each new holder.
struct LeaseRow {
    std::int64_t node = 0;
    std::int64_t fence = 0;
    TimePoint lease_until;

    bool operator==(const LeaseRow&) const = default;
};
struct LeaseHold {
    std::string_view name;
    std::int64_t node = 0;
    std::int64_t fence = 0;
};

[[nodiscard]] Result<std::optional<LeaseRow>, StoreError>
find_lease(Connection& connection, std::string_view name);
// The new fence; nullopt: somebody else holds it. The hold's fence is not looked at.
[[nodiscard]] Result<std::optional<std::int64_t>, StoreError>
take_lease(Connection& connection, const LeaseHold& hold, const LeaseTerm& term);
// False: it is somebody else's, or it ended.
[[nodiscard]] Result<bool, StoreError>
extend_lease(Connection& connection, const LeaseHold& hold, const LeaseTerm& term);
[[nodiscard]] Result<void, StoreError>
end_lease(Connection& connection, const LeaseHold& hold, TimePoint now);
// Inside a transaction that has its turn: is this still the last holder? Whoever comes after it
// writes after this transaction.
[[nodiscard]] Result<bool, StoreError> holds_lease(Transaction& transaction, const LeaseHold& hold);

}  // namespace postern::storage
