#pragma once

#include "storage/write_batch.hpp"
#include "storage/writer_values.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace postern::storage {

// What the lanes of one writer share.
struct WriterCommon {
    Database& database;
    const Clock& clock;
    const WriterOptions options;

    std::mutex mutex;  // guards what follows, and the queues of the lanes
    enum class Phase { open, stopping } phase = Phase::open;

    std::atomic<std::int64_t> last_commit_us = 0;
    std::atomic<std::uint64_t> commits = 0;
};

// How much of the writer's bounds may wait in one lane, so that a lane which is held up leaves room
// for what comes into the other.
struct LaneShare {
    std::size_t units_max = 0;
    std::size_t bytes_max = 0;
};

// One connection with its thread and the queue of what it is to write.
class WriterLane {
 public:
    struct Parts {
        WriterCommon& common;
        WriteConnection& connection;
        std::span<IngestStep* const> ingest_steps;
        LaneShare share;
    };
    explicit WriterLane(const Parts& parts);
    ~WriterLane();  // joins: the phase must be stopping
    WriterLane(const WriterLane&) = delete;
    WriterLane& operator=(const WriterLane&) = delete;

    [[nodiscard]] Submitted submit(WorkUnit& unit);
    void wake();
    void join();
    // The longest wait of a unit that is not answered yet; 0: there is none.
    std::chrono::microseconds oldest_waiting() const;
    // Under the common mutex, like the one before.
    std::size_t held_units() const { return held_units_; }
    std::size_t held_bytes() const { return held_bytes_; }
    Room room() const { return room_; }

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Waiting {
        WorkUnit* unit;
        std::size_t weight_bytes;
        SteadyTime since;
    };
    enum class Turn { work, idle, stop };

    void run_thread();
    Turn next_turn();
    Turn wait_for_work();
    void take_batch();
    void run_batch();
    void complete_batch(SteadyTime started);
    void observe(std::chrono::microseconds elapsed, std::size_t failed_units) const;
    void release_batch();

    const Parts parts_;
    WriterCommon& common_;
    // The lane's thread only, like all to the next remark.
    std::vector<Waiting> taken_over_;  // the queue as it was when it was last taken over
    std::size_t next_taken_over_ = 0;
    WriteBatch batch_;
    std::size_t batch_bytes_ = 0;
    enum class House { due, kept };
    House house_ = House::kept;

    std::condition_variable wake_;
    std::vector<Waiting> waiting_;  // guarded by the common mutex, like the next three
    std::size_t held_units_ = 0;    // of this lane, waiting or in hand
    std::size_t held_bytes_ = 0;
    enum class Sleep { no, yes };
    Sleep sleep_ = Sleep::no;

    std::atomic<std::int64_t> oldest_in_hand_ns_ = 0;  // of the steady clock; 0: none
    std::atomic<Room> room_ = Room::plenty;

    std::mutex join_mutex_;  // two stops join one thread
    std::jthread thread_;
};

}  // namespace postern::storage
