#pragma once

#include "core/ids.hpp"
#include "core/trace.hpp"
#include "storage/database.hpp"
#include "storage/delivery_values.hpp"
#include "storage/sweep.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct AttemptPhases {
    std::chrono::microseconds dns{0};
    std::chrono::microseconds connect{0};
    std::chrono::microseconds tls{0};
    std::chrono::microseconds first_byte{0};
    std::chrono::microseconds total{0};

    bool operator==(const AttemptPhases&) const = default;
};

// Every try is a row, whatever became of it.
struct AttemptRow {
    AttemptId id;  // made when it is inserted
    DeliveryId delivery;
    std::int64_t number = 1;  // from 1 in each delivery
    TimePoint started_at;
    AttemptPhases phases;
    AttemptTrigger trigger = AttemptTrigger::scheduled;
    int status = 0;  // 0: no answer
    AttemptError error = AttemptError::none;
    std::string address;                     // what was dialled, for operators
    std::string response_headers;            // "name: value\n" each
    std::string response_body;               // its first 16 KB
    std::optional<TraceContext> trace = {};  // as the endpoint was told it
    bool operator==(const AttemptRow&) const = default;
};

// Number is one more than the last of that delivery, whatever `row.number` says.
[[nodiscard]] Result<AttemptId, StoreError>
insert_attempt(Transaction& transaction, const AttemptRow& row);
[[nodiscard]] Result<std::vector<AttemptRow>, StoreError>
list_attempts(Connection& connection, DeliveryId delivery);  // oldest first
[[nodiscard]] Result<std::optional<AttemptRow>, StoreError>
find_attempt(Connection& connection, AttemptId id);
// Those begun before, the oldest first and a few at a time; how many went. What became of their
// deliveries stays.
[[nodiscard]] Result<SweptRows, StoreError>
forget_attempts(Transaction& transaction, const OldRows& old);

}  // namespace postern::storage
