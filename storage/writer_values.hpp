#pragma once

#include "core/metrics.hpp"
#include "storage/database.hpp"
#include "storage/ingest.hpp"
#include "storage/write_batch.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace postern::storage {

enum class Submitted {
    queued,      // done() will be called
    overloaded,  // more is waiting than the bounds allow; not taken, done() will not be called
    closed,      // the same: the writer is stopping
    poisoned,    // the same: this process writes no more
};

struct WriterLimits {
    std::size_t queue_units_max = 16'384;
    std::size_t queue_bytes_max = std::size_t{64} << 20;
    std::size_t batch_units_max = 1'024;  // bounds how long the last of a batch waits for the first
    std::size_t batch_bytes_max = std::size_t{16} << 20;
    std::chrono::milliseconds idle_after{20};  // without work for so long: time to keep house
    std::chrono::milliseconds low_space_check_every{250};  // while idle, to see space come back
    BatchLimits batch = {};
};

struct WriterMetrics {
    Histogram batch_units;
    Histogram commit_seconds;  // from taking a batch to the end of its commit
    Counter units_failed;
    Counter batches_isolated;  // ran again with a savepoint around each unit
};
WriterMetrics make_writer_metrics(MetricRegistry& registry);

struct WriterOptions {
    WriterLimits limits = {};
    std::span<IngestStep* const> ingest_steps = {};  // must outlive the writer
    std::optional<WriterMetrics> metrics = std::nullopt;
};

// A look from any thread; each number is exact by itself.
struct WriterStatus {
    std::size_t queue_units = 0;  // those of the batch in hand included
    std::size_t queue_bytes = 0;
    std::chrono::microseconds oldest_waiting{0};      // 0: nothing waits
    std::chrono::microseconds oldest_hot_waiting{0};  // in the lane that webhooks wait in
    std::chrono::microseconds last_commit{0};
    std::uint64_t commits = 0;
    Room room = Room::plenty;
};

}  // namespace postern::storage
