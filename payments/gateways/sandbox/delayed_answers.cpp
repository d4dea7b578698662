#include "payments/gateways/sandbox/delayed_answers.hpp"

namespace postern::payments {

DelayedAnswers::~DelayedAnswers() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void DelayedAnswers::say_after(std::chrono::milliseconds delay, std::function<void()> say) {
    const std::lock_guard lock{mutex_};
    waiting_.emplace(std::chrono::steady_clock::now() + delay, std::move(say));
    if (!thread_.joinable()) {
        thread_ = std::jthread{[this] {
            run_thread();
        }};
    }
    wake_.notify_one();
}

void DelayedAnswers::run_thread() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        if (waiting_.empty()) {
            wake_.wait(lock);
            continue;
        }
        const auto next = waiting_.begin();
        if (next->first > std::chrono::steady_clock::now()) {
            const SteadyTime due = next->first;
            wake_.wait_until(lock, due);
            continue;
        }
        const std::function<void()> say = std::move(next->second);
        waiting_.erase(next);
        lock.unlock();
        say();
        lock.lock();
    }
}

}  // namespace postern::payments
