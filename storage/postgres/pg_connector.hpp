#pragma once

#include "core/result.hpp"
#include "storage/postgres/pg_pipeline.hpp"
#include "storage/store_error.hpp"

#include <chrono>
#include <random>
#include <string>

namespace postern::storage {

// How each connection of a store is made and what it is told first.
struct PgSession {
    ConnectionWords words;
    std::chrono::milliseconds statement_timeout{10'000};
    std::chrono::milliseconds lock_timeout{5'000};
    std::chrono::milliseconds idle_in_transaction_timeout{3'000};
    // How long nothing may come of a server that was asked: a little longer than it may take.
    std::chrono::milliseconds patience{12'000};
    // How long a unit of work waits for a server that went away, before it is told so.
    std::chrono::milliseconds hold{3'000};
};

// Makes a connection anew when it broke: at once, then ever more seldom. The first who need it wait
// a moment, so that a short outage is not noticed; after that whoever comes is told at once.
class PgConnector {
 public:
    explicit PgConnector(const PgSession& session);

    [[nodiscard]] Result<void, StoreError> ensure_open(PgPipeline& pipeline);
    // Once, whatever came before. The complaint is for the operator.
    [[nodiscard]] Result<void, Complaint> open(PgPipeline& pipeline);

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    [[nodiscard]] Result<void, Complaint> greet(PgPipeline& pipeline) const;
    void postpone(SteadyTime now);

    const PgSession& session_;
    std::minstd_rand random_;
    std::chrono::milliseconds delay_{0};
    SteadyTime next_try_{};
    std::optional<SteadyTime> down_since_;
};

}  // namespace postern::storage
