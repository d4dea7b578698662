#include "daemon/background_work.hpp"

#include <algorithm>
#include <utility>

namespace postern::daemon {

BackgroundWork::BackgroundWork(std::vector<Worker> workers)
    : workers_{std::move(workers)}, thread_{[this] {
          run_thread();
      }} {}

BackgroundWork::~BackgroundWork() {
    stop();
}

void BackgroundWork::run() {
    const std::lock_guard lock{mutex_};
    if (wanted_ == State::stopped) return;
    wanted_ = State::running;
    wake_.notify_one();
}

void BackgroundWork::rest() {
    const std::lock_guard lock{mutex_};
    if (wanted_ == State::stopped) return;
    wanted_ = State::resting;
    wake_.notify_one();
}

void BackgroundWork::stop() {
    {
        const std::lock_guard lock{mutex_};
        wanted_ = State::stopped;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void BackgroundWork::run_thread() {
    State state = State::resting;
    while (state != State::stopped) {
        {
            std::unique_lock lock{mutex_};
            wake_.wait(lock, [this, &state] { return wanted_ != state; });
            state = wanted_;
        }
        if (state == State::running) {
            for (const Worker& worker : workers_) worker.start();
        } else {
            std::for_each(workers_.rbegin(), workers_.rend(), [](const Worker& worker) {
                worker.stop();
            });
        }
    }
}

}  // namespace postern::daemon
