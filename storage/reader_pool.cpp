#include "storage/reader_pool.hpp"

#include "core/assert.hpp"
#include "core/log.hpp"

#include <exception>

namespace postern::storage {
namespace {

Result<void, StoreError> run_in_snapshot(ReadUnit& unit, Connection& connection) {
    const auto begun = connection.begin_read();
    if (!begun) return begun.error();
    Result<void, StoreError> result;
    try {
        result = unit.run(connection);
    } catch (const std::exception& thrown) {
        log::error("store.read_threw", {{"reason", thrown.what()}});
        result = StoreError::failed;
    }
    connection.end_read();
    return result;
}

}  // namespace

Result<std::unique_ptr<ReaderPool>, StoreError>
ReaderPool::open(Database& database, ReaderLimits limits) {
    POSTERN_ASSERT(limits.threads > 0);
    std::vector<std::unique_ptr<Connection>> connections;
    for (std::size_t i = 0; i < limits.threads; ++i) {
        auto connection = database.open_reader();
        if (!connection) return connection.error();
        connections.push_back(std::move(*connection));
    }
    return std::unique_ptr<ReaderPool>{new ReaderPool{std::move(connections), limits}};
}

ReaderPool::ReaderPool(std::vector<std::unique_ptr<Connection>> connections, ReaderLimits limits)
    : limits_{limits}, connections_{std::move(connections)} {
    for (const auto& connection : connections_) {
        threads_.emplace_back([this, reader = connection.get()] { run_thread(*reader); });
    }
}

ReaderPool::~ReaderPool() {
    stop();
}

ReadSubmitted ReaderPool::submit(ReadUnit& unit) {
    {
        const std::lock_guard lock{mutex_};
        if (phase_ == Phase::stopping) return ReadSubmitted::closed;
        if (waiting_.size() >= limits_.queue_units_max) return ReadSubmitted::overloaded;
        waiting_.push_back(&unit);
    }
    wake_.notify_one();
    return ReadSubmitted::queued;
}

void ReaderPool::stop() {
    {
        const std::lock_guard lock{mutex_};
        phase_ = Phase::stopping;
    }
    wake_.notify_all();
    const std::lock_guard lock{stop_mutex_};
    for (std::jthread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

std::size_t ReaderPool::queue_units() const {
    const std::lock_guard lock{mutex_};
    return waiting_.size();
}

void ReaderPool::run_thread(Connection& connection) {
    for (;;) {
        ReadUnit* unit = nullptr;
        {
            std::unique_lock lock{mutex_};
            wake_.wait(lock, [this] { return !waiting_.empty() || phase_ == Phase::stopping; });
            if (waiting_.empty()) return;
            unit = waiting_.front();
            waiting_.pop_front();
        }
        unit->done(run_in_snapshot(*unit, connection));
    }
}

}  // namespace postern::storage
