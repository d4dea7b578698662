#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/delivery_values.hpp"
#include "storage/paging.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

// An endpoint as a row. What only dispatch understands (patterns, filter, schedule, headers …) is
// one JSON text that it writes and reads.
struct EndpointRow {
    EndpointId id;
    AccountId account;
    Livemode livemode = Livemode::test;
    std::string uid;  // the merchant's own name for it; empty: none; unique in account and mode
    std::string url;
    EndpointStatus status = EndpointStatus::enabled;
    std::string disabled_reason;  // gone, requested, failing, manual
    std::int64_t revision = 1;    // grows with each change
    TimePoint created_at;
    TimePoint updated_at;
    std::optional<TimePoint> deleted_at;
    std::string settings;            // JSON
    std::string secrets;             // sealed by the daemon; opaque here
    std::int64_t last_sequence = 0;  // of its deliveries; written by take_sequences only

    bool operator==(const EndpointRow&) const = default;
};

// Written when it changes, not with every attempt.
struct EndpointHealthRow {
    EndpointId endpoint;
    std::optional<TimePoint> failing_since;  // first failed attempt after the last success
    std::int64_t failures = 0;               // completed attempts since then, when last written
    std::optional<TimePoint> not_before;     // the breaker lets nothing through until then
    std::int64_t breaker_openings = 0;       // in a row
    bool operator==(const EndpointHealthRow&) const = default;
};

// The id is made here when it is 0.
[[nodiscard]] Result<EndpointId, StoreError>
insert_endpoint(Transaction& transaction, const EndpointRow& row);

// Everything but id, account, livemode, created_at, last_sequence; revision becomes one more than
// the stored one. False: it is not there, or it was changed since `row.revision` was read.
[[nodiscard]] Result<bool, StoreError>
update_endpoint(Transaction& transaction, const EndpointRow& row);

// A deleted one is found too: its deliveries still name it.
[[nodiscard]] Result<std::optional<EndpointRow>, StoreError>
find_endpoint(Connection& connection, EndpointId id);

struct EndpointOwner {
    AccountId account;
    Livemode livemode = Livemode::test;
};

[[nodiscard]] Result<std::optional<EndpointRow>, StoreError>
find_endpoint_by_uid(Connection& connection, EndpointOwner owner, std::string_view uid);

// Without deleted ones.
[[nodiscard]] Result<Page<EndpointRow>, StoreError>
list_endpoints(Connection& connection, EndpointOwner owner, const PageRequest<EndpointId>& page);
[[nodiscard]] Result<std::int64_t, StoreError>
count_endpoints(Connection& connection, EndpointOwner owner);

// All that are not deleted, for the dispatcher's start.
[[nodiscard]] Result<std::vector<EndpointRow>, StoreError> load_endpoints(Connection& connection);
[[nodiscard]] Result<std::vector<EndpointHealthRow>, StoreError> load_endpoint_health(
    Connection& connection
);
[[nodiscard]] Result<std::optional<EndpointHealthRow>, StoreError>
find_endpoint_health(Connection& connection, EndpointId id);
// Who says so: a node that no longer serves the endpoint knows less than the one that does, and
// what it says is left out.
struct LaneHolder {
    std::int64_t node_id = 0;  // 0: whoever it is
};
[[nodiscard]] Result<void, StoreError>
put_endpoint_health(Transaction& transaction, const EndpointHealthRow& row, LaneHolder holder = {});

// Sequence numbers of an endpoint's deliveries, gapless: taken in the transaction that makes them.
// Until it ends nobody else makes one there, or decides about the order of a payment's.
struct SequenceDraw {
    EndpointId endpoint;
    std::int64_t count = 1;
};
// The last of those taken, in the order of the draws; at most one draw an endpoint.
[[nodiscard]] Result<std::vector<std::int64_t>, StoreError>
take_sequences(Transaction& transaction, const std::vector<SequenceDraw>& draws);
// One.
[[nodiscard]] Result<std::int64_t, StoreError>
next_sequence(Transaction& transaction, EndpointId id);

}  // namespace postern::storage
