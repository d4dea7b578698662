#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace postern::payments {

// Says things a while later, on a thread of its own that starts with the first of them. What is
// still unsaid when it goes is not said any more: to its caller the gateway is then merely silent.
class DelayedAnswers {
 public:
    DelayedAnswers() = default;
    ~DelayedAnswers();
    DelayedAnswers(const DelayedAnswers&) = delete;
    DelayedAnswers& operator=(const DelayedAnswers&) = delete;

    void say_after(std::chrono::milliseconds delay, std::function<void()> say);

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run_thread();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::multimap<SteadyTime, std::function<void()>> waiting_;
    bool stopping_ = false;
    std::jthread thread_;
};

}  // namespace postern::payments
