#pragma once

#include "core/metrics.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/ingest.hpp"
#include "storage/work_unit.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

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
    std::chrono::microseconds oldest_waiting{0};  // 0: nothing waits
    std::chrono::microseconds last_commit{0};
    std::uint64_t commits = 0;
    Room room = Room::plenty;
};

// Group commit: one thread takes everything that waits, runs it inside one transaction, commits
// once and completes all. Nobody sleeps to gather a batch: it is what arrived while the last commit
// ran. The batch runs without savepoints first, since units rarely fail; when one does, all is
// rolled back and the batch runs again with a savepoint around each.
class Writer {
 public:
    Writer(Database& database, const Clock& clock, WriterOptions options);
    ~Writer();  // stops
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    [[nodiscard]] Submitted submit(WorkUnit& unit);
    // Takes no more, finishes what was queued, returns when the last done() returned.
    void stop();
    WriterStatus status() const;

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Waiting {
        WorkUnit* unit;
        std::size_t weight_bytes;
        SteadyTime since;
    };
    // A unit of the batch in hand, and what has become of it so far.
    struct Taken {
        WorkUnit* unit;
        std::optional<StoreError> error;
    };
    enum class Turn { work, idle, stop };

    void run_thread();
    Turn next_turn();
    Turn wait_for_work();
    void take_batch();
    void run_batch();
    Result<void, StoreError> settle_batch();
    Result<void, StoreError> settle_failed(StoreError error);
    template <class Work>
    Result<void, StoreError> guarded(Work work);
    Result<void, StoreError> run_together();
    Result<void, StoreError> run_open_units(Transaction& transaction);
    Result<void, StoreError>
    run_ingest(Transaction& transaction, std::span<IngestItem* const> items);
    Result<void, StoreError> run_apart();
    Result<void, StoreError> run_one_apart(Transaction& transaction, Taken& taken);
    Result<void, StoreError> run_unit(Transaction& transaction, WorkUnit& unit);
    bool has_open_units() const;
    void fail_open_units(StoreError error);
    void fail_open_ingest(StoreError error);
    void tell_ingest_steps();
    void complete_batch(SteadyTime started);
    void release_batch();

    Database& database_;
    WriteConnection& connection_;
    const Clock& clock_;
    WriterOptions options_;
    // The writer's thread only, like all to the next remark.
    std::vector<Waiting> taken_over_;  // the queue as it was when it was last taken over
    std::size_t next_taken_over_ = 0;
    std::vector<Taken> batch_;
    std::size_t batch_bytes_ = 0;
    std::vector<IngestItem*> ingest_items_;
    std::vector<const IngestItem*> stored_items_;
    enum class House { due, kept };
    House house_ = House::kept;

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::vector<Waiting> waiting_;
    std::size_t held_units_ = 0;  // waiting or in hand
    std::size_t held_bytes_ = 0;
    enum class Phase { open, stopping };
    Phase phase_ = Phase::open;
    enum class Sleep { no, yes };
    Sleep sleep_ = Sleep::no;

    std::atomic<std::int64_t> oldest_in_hand_ns_ = 0;  // of the steady clock; 0: none
    std::atomic<std::int64_t> last_commit_us_ = 0;
    std::atomic<std::uint64_t> commits_ = 0;
    std::atomic<Room> room_ = Room::plenty;

    std::mutex stop_mutex_;  // two stops join one thread
    std::jthread thread_;
};

}  // namespace postern::storage
