#include "core/worker_pool.hpp"

#include "core/log.hpp"

#include <exception>
#include <utility>

namespace postern {

WorkerPool::WorkerPool(Size size) : size_{size} {
    for (std::size_t i = 0; i < size_.threads; ++i) {
        threads_.emplace_back([this] { run_thread(); });
    }
}

WorkerPool::~WorkerPool() {
    stop();
}

bool WorkerPool::submit(std::function<void()> job) {
    {
        const std::lock_guard lock{mutex_};
        if (stopping_ || jobs_.size() >= size_.queue_max) return false;
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

void WorkerPool::run_thread() {
    for (;;) {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        const std::function<void()> job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        try {
            job();
        } catch (const std::exception& exception) {
            log::error("worker.exception", {{"what", exception.what()}});
        }
    }
}

void WorkerPool::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::jthread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

}  // namespace postern
