#pragma once

#include "core/result.hpp"
#include "storage/database.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace postern::storage {

// Something to be read on a reader's thread. Everything run() reads is of one moment.
class ReadUnit {
 public:
    virtual ~ReadUnit() = default;
    [[nodiscard]] virtual Result<void, StoreError> run(Connection& connection) = 0;
    // Exactly once, on the reader's thread; the unit may be destroyed in it.
    virtual void done(Result<void, StoreError> result) noexcept = 0;
};

struct ReaderLimits {
    std::size_t threads = 2;
    std::size_t queue_units_max = 1'024;
};

enum class ReadSubmitted { queued, overloaded, closed };

class ReaderPool {
 public:
    // Opens every connection before it answers, so that a store which cannot be read is known then.
    static Result<std::unique_ptr<ReaderPool>, StoreError>
    open(Database& database, ReaderLimits limits);
    ~ReaderPool();  // stops
    ReaderPool(const ReaderPool&) = delete;
    ReaderPool& operator=(const ReaderPool&) = delete;

    [[nodiscard]] ReadSubmitted submit(ReadUnit& unit);
    void stop();  // takes no more, finishes what was queued
    std::size_t queue_units() const;

 private:
    ReaderPool(std::vector<std::unique_ptr<Connection>> connections, ReaderLimits limits);
    void run_thread(Connection& connection);

    ReaderLimits limits_;
    std::vector<std::unique_ptr<Connection>> connections_;
    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::deque<ReadUnit*> waiting_;
    enum class Phase { open, stopping };
    Phase phase_ = Phase::open;

    std::mutex stop_mutex_;  // two stops join the threads once
    std::vector<std::jthread> threads_;
};

}  // namespace postern::storage
