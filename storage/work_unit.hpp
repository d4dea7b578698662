#pragma once

#include "core/result.hpp"
#include "storage/committed.hpp"
#include "storage/store_error.hpp"

#include <cstddef>

namespace postern::storage {

struct IngestItem;
class Transaction;

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

    // What it holds in memory while it waits, for the queue's bound.
    virtual std::size_t weight_bytes() const noexcept { return kPlainWeightBytes; }

    // Not null: this unit is a webhook to store, and goes to the driver with its neighbours.
    virtual IngestItem* ingest_item() noexcept { return nullptr; }

    static constexpr std::size_t kPlainWeightBytes = 512;
};

}  // namespace postern::storage
