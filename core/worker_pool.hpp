#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace postern {

// A few threads for work that would hold up an event loop: long signatures, fetches. Bounded: when
// the queue is full the caller sheds instead of waiting.
class WorkerPool {
 public:
    struct Size {
        std::size_t threads = 1;
        std::size_t queue_max = 1024;
    };
    explicit WorkerPool(Size size);
    ~WorkerPool();  // finishes what was queued

    [[nodiscard]] bool submit(std::function<void()> job);
    void stop();

 private:
    void run_thread();

    const Size size_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace postern
