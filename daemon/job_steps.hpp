#pragma once

#include "daemon/store.hpp"
#include "dispatch/delivery_book.hpp"
#include "dispatch/endpoint_directory.hpp"
#include "storage/job_repository.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What jobs do, one step at a time: a step is a transaction that looks at a few rows, does what is
// to be done with them, and writes down how far it came.
namespace postern::daemon {

struct JobLimits {
    std::size_t rows_max = 100;       // looked at in one step
    std::int64_t rate_default = 100;  // deliveries scheduled a second
    std::int64_t rate_max = 1'000;
    std::chrono::days reach{90};  // how far back a job may begin
};

// What the caller chose; kept in the job's row as JSON.
struct JobParameters {
    enum class Only : std::uint8_t { all, failed, missing } only = Only::all;  // of recover
    std::string type;                               // of resend: exact, or "payment.*"; empty: any
    std::optional<storage::GatewayNumber> gateway;  // of resend
    TimePoint since;
    TimePoint until;
    std::int64_t rate_per_second = JobLimits{}.rate_default;

    bool operator==(const JobParameters&) const = default;
};
std::string to_json(const JobParameters& parameters);
std::optional<JobParameters> job_parameters_from_json(std::string_view json);

// A row that is ready to be inserted, at the beginning of its work.
storage::JobRow new_job(storage::JobKind kind, const JobParameters& parameters);

// 0 to 100: how much of the time that the job covers lies behind it, since nobody counts the rows
// before they are looked at.
std::int64_t percent_done(const storage::JobRow& job);

struct JobSurroundings {
    const dispatch::EndpointDirectory& endpoints;
    const IdCodec& ids;
    // When other nodes know too that an endpoint was deleted; 0: there are none.
    std::chrono::seconds others_know_after{0};
};
struct JobStep {
    std::optional<storage::JobRow> job;  // as it is now; absent: no longer running
    std::vector<dispatch::Nudge> nudges;
    std::chrono::microseconds pause{0};  // before the next step, for the rate's sake
};
// Reads the job's row itself, so that a job which was canceled meanwhile does nothing more.
[[nodiscard]] Result<JobStep, storage::StoreError>
run_job_step(storage::Transaction& transaction, const JobSurroundings& around, JobId id);

}  // namespace postern::daemon
