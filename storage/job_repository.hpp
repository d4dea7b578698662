#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/delivery_values.hpp"
#include "storage/paging.hpp"
#include "storage/sweep.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

// Work in many small steps. Each step and the cursor it reached are written in one transaction, so
// a job goes on where it was, whenever the process ended.
struct JobRow {
    JobId id;
    AccountId account;
    Livemode livemode = Livemode::test;
    JobKind kind = JobKind::recover;
    JobState state = JobState::running;
    std::optional<EndpointId> endpoint;
    std::string parameters;   // JSON
    std::int64_t cursor = 0;  // the last row looked at
    std::int64_t total = 0;   // rows to look at, as counted at the start; 0: not known
    std::int64_t looked_at = 0;
    std::int64_t scheduled = 0;  // deliveries made or opened again
    std::string error;
    TimePoint created_at;
    TimePoint updated_at;

    bool operator==(const JobRow&) const = default;
};

[[nodiscard]] Result<JobId, StoreError> insert_job(Transaction& transaction, const JobRow& row);
// state, cursor, counts, error, updated_at; only while the stored state is running. False: it was
// not.
[[nodiscard]] Result<bool, StoreError> update_job(Transaction& transaction, const JobRow& row);
[[nodiscard]] Result<std::optional<JobRow>, StoreError> find_job(Connection& connection, JobId id);
struct JobFilter {
    AccountId account;
    Livemode livemode = Livemode::test;
    std::optional<JobState> state;
    std::optional<EndpointId> endpoint;
};
[[nodiscard]] Result<Page<JobRow>, StoreError>
list_jobs(Connection& connection, const JobFilter& filter, const PageRequest<JobId>& page);
// What an account and those that it made have asked for; not what the server made for itself.
struct FamilyJobFilter {
    AccountId parent;
    Livemode livemode = Livemode::test;
    std::optional<JobState> state;
};
[[nodiscard]] Result<Page<JobRow>, StoreError> list_jobs_of_family(
    Connection& connection,
    const FamilyJobFilter& filter,
    const PageRequest<JobId>& page
);
[[nodiscard]] Result<std::vector<JobRow>, StoreError> load_running_jobs(Connection& connection);
// Those that ended before, the oldest first and a few at a time, since the writer serves nobody
// else meanwhile; how many went.
[[nodiscard]] Result<SweptRows, StoreError>
forget_jobs(Transaction& transaction, const OldRows& old);

}  // namespace postern::storage
