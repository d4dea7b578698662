#pragma once

#include "core/result.hpp"
#include "storage/committed.hpp"
#include "storage/store_error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace postern::storage {

struct IngestItem;
class Transaction;

// Where a store has several connections that write, which of them runs a unit.
enum class WorkLane : std::uint8_t {
    general,  // reads, decides, writes: one after the other, over all nodes
    hot,      // safe beside any other by itself: by unique keys, fences and rows it locks
    records,  // as safe, and nobody outside waits for it: what has been done is written down
};

class WorkUnit;

// Runs units of one kind together, so that what a batch of them reads is read at once.
class UnitGroup {
 public:
    virtual ~UnitGroup() = default;
    // In the order in which they came; all of them or none. As with a unit's own run().
    [[nodiscard]] virtual Result<void, StoreError>
    run(Transaction& transaction, std::span<WorkUnit* const> units) const = 0;
};

// Something to be written, whole or not at all. It shares its transaction with whatever else was
// waiting, without being able to spoil its neighbours. It must outlive done().
class WorkUnit {
 public:
    virtual ~WorkUnit() = default;

    // May run more than once before it commits, so it starts from nothing each time and changes
    // nothing outside the transaction that a second run would not overwrite.
    [[nodiscard]] virtual Result<void, StoreError> run(Transaction& transaction) = 0;

    // Exactly once, on the writer's thread, after the batch ended. The writer waits for it: hand
    // the answer over and return. The unit may be destroyed in it.
    virtual void done(Result<Committed, StoreError> result) noexcept = 0;

    virtual WorkLane lane() const noexcept { return WorkLane::general; }

    // What it holds in memory while it waits, for the queue's bound.
    virtual std::size_t weight_bytes() const noexcept { return kPlainWeightBytes; }

    // Not null: this unit is a webhook to store, and goes to the driver with its neighbours.
    virtual IngestItem* ingest_item() noexcept { return nullptr; }

    // Not null: this unit is run by that, and never by itself.
    virtual const UnitGroup* group() const noexcept { return nullptr; }

    static constexpr std::size_t kPlainWeightBytes = 512;
};

}  // namespace postern::storage
