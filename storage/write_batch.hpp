#pragma once

#include "storage/database.hpp"
#include "storage/ingest.hpp"
#include "storage/work_unit.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <random>
#include <span>
#include <vector>

namespace postern::storage {

// How long another transaction's rows are waited for before a batch is run apart.
struct BatchLimits {
    int busy_retries_max = 3;
    std::chrono::milliseconds busy_pause_max{5};  // of the first retry; each waits longer
};

// The units that one transaction carries, and what becomes of them. It runs them together first,
// since units rarely fail; when one does, all is rolled back and they run again with a savepoint
// around each. One thread's.
class WriteBatch {
 public:
    // A unit, and its error as soon as it has one.
    struct Taken {
        WorkUnit* unit;
        std::optional<StoreError> error;
    };
    struct Parts {
        Database& database;
        WriteConnection& connection;
        const Clock& clock;
        std::span<IngestStep* const> ingest_steps;
    };
    WriteBatch(const Parts& parts, const BatchLimits& limits);

    void clear() { taken_.clear(); }
    void add(WorkUnit& unit) { taken_.push_back({&unit, std::nullopt}); }
    const std::vector<Taken>& taken() const { return taken_; }

    // Until every unit is committed or has an error. `room` is what there is to begin with.
    enum class Ways { together, apart };
    struct Report {
        Room room = Room::plenty;
        Ways ways = Ways::together;
    };
    Report run(Room room);
    // After a run that committed something, before anybody is told.
    void tell_ingest_steps();

 private:
    struct GroupedUnits {
        const UnitGroup* group;
        std::vector<WorkUnit*> units;
    };
    Result<void, StoreError> settle(Report& report);
    Result<void, StoreError> settle_failed(StoreError error, Report& report);
    Result<void, StoreError> run_patiently(Ways ways);
    Result<void, StoreError> run_transaction(Ways ways);
    Result<void, StoreError> run_inside(Transaction& transaction, Ways ways);
    Result<void, StoreError> begin_work(Transaction& transaction);
    template <class Work>
    Result<void, StoreError> guarded(Work work);
    Result<void, StoreError> run_together(Transaction& transaction);
    Result<void, StoreError> run_groups(Transaction& transaction);
    Result<void, StoreError>
    run_ingest(Transaction& transaction, std::span<IngestItem* const> items);
    Result<void, StoreError> await_locks();
    Result<void, StoreError> run_apart(Transaction& transaction);
    Result<void, StoreError> run_one_apart(Transaction& transaction, Taken& taken);
    Result<void, StoreError> run_unit(Transaction& transaction, WorkUnit& unit);
    bool is_to_begin_again(Transaction& transaction) const;
    void pause(int retry);
    bool has_open_units() const;
    bool must_take_turn() const;
    void sort_out();
    void fail_open(StoreError error);
    void fail_open_ingest(StoreError error);

    const Parts parts_;
    const BatchLimits limits_;
    std::minstd_rand random_;
    std::vector<Taken> taken_;
    int retries_left_ = 0;
    LockNames wanted_locks_;  // what the tries of this batch turned out to need
    // Of the units that have no error.
    std::vector<IngestItem*> ingest_items_;
    std::vector<IngestItem*> stored_items_;
    std::vector<GroupedUnits> groups_;
};

}  // namespace postern::storage
