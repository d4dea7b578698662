#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/paging.hpp"
#include "storage/sweep.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

// A request to the API as its merchant may look it up: masked, and without the answer's body.
struct RequestLogRow {
    RequestLogId id;  // the order of writing, which is nearly that of arrival
    AccountId account;
    Livemode livemode = Livemode::test;
    ApiKeyId api_key;
    std::int64_t status = 0;
    std::chrono::microseconds duration{0};
    TimePoint created_at;  // when it arrived
    std::string method;
    std::string path;
    std::string request_id;
    std::string idempotency_key;  // empty: none, like the next two
    std::string peer_address;
    std::string error_code;
    std::string parameters;  // a JSON object

    bool operator==(const RequestLogRow&) const = default;
};

[[nodiscard]] Result<RequestLogId, StoreError>
insert_request_log(Transaction& transaction, const RequestLogRow& row);
[[nodiscard]] Result<std::optional<RequestLogRow>, StoreError>
find_request_log(Connection& connection, RequestLogId id);

struct StatusRange {
    std::int64_t first = 0;
    std::int64_t last = 0;
};
struct RequestLogFilter {
    AccountId account;
    Livemode livemode = Livemode::test;
    std::optional<StatusRange> status = std::nullopt;
    std::optional<std::string> method = std::nullopt;
    std::optional<std::string> path_prefix = std::nullopt;
    std::optional<std::string> request_id = std::nullopt;
    std::optional<ApiKeyId> api_key = std::nullopt;
    std::optional<TimePoint> since = std::nullopt;
    std::optional<TimePoint> until = std::nullopt;
};
// A page costs a bounded number of rows whatever is looked for: one that found less than was asked
// for within them ends before its rows do, and the next one goes on from there.
inline constexpr std::size_t kRequestLogRowsLookedAt = 10'000;
struct RequestLogPage {
    std::vector<RequestLogRow> rows;
    std::optional<RequestLogId> next = std::nullopt;  // after which it goes on; nullopt: nowhere
};
struct RequestLogWish {
    PageRequest<RequestLogId> page = {};
    std::size_t rows_looked_at_max = kRequestLogRowsLookedAt;
};
[[nodiscard]] Result<RequestLogPage, StoreError> list_request_log(
    Connection& connection,
    const RequestLogFilter& filter,
    const RequestLogWish& wish
);

// A few of those that were written before that moment; answers how many. Called again until none.
[[nodiscard]] Result<SweptRows, StoreError>
forget_request_log(Transaction& transaction, const OldRows& old);

}  // namespace postern::storage
