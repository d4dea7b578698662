#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace postern::daemon {

// What one node of all does: runs while the node leads, rests while another does. Beginning and
// ending may take as long as a step in hand, so both happen on a thread of its own, and whoever
// says that the lead was won or lost waits for nothing.
class BackgroundWork {
 public:
    struct Worker {
        std::function<void()> start;
        std::function<void()> stop;
    };
    explicit BackgroundWork(std::vector<Worker> workers);
    ~BackgroundWork();  // stops
    BackgroundWork(const BackgroundWork&) = delete;
    BackgroundWork& operator=(const BackgroundWork&) = delete;

    // Any thread.
    void run();
    void rest();
    // All rest when it returns, for good.
    void stop();

 private:
    enum class State { resting, running, stopped };
    void run_thread();

    const std::vector<Worker> workers_;  // started in this order, stopped in the reverse
    std::mutex mutex_;                   // guards what follows
    std::condition_variable wake_;
    State wanted_ = State::resting;
    std::jthread thread_;
};

}  // namespace postern::daemon
