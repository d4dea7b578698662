#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace postern::cluster {

// A mutex that can be waited for so long and no longer. ThreadSanitizer does not see the waits of
// std::timed_mutex, and takes its unlocking for a fault.
class PatientMutex {
 public:
    void lock() {
        std::unique_lock lock{mutex_};
        free_.wait(lock, [this] { return !held_; });
        held_ = true;
    }
    bool try_lock_for(std::chrono::milliseconds patience) {
        std::unique_lock lock{mutex_};
        if (!free_.wait_for(lock, patience, [this] { return !held_; })) return false;
        held_ = true;
        return true;
    }
    void unlock() {
        const std::lock_guard lock{mutex_};
        held_ = false;
        free_.notify_one();
    }

 private:
    std::mutex mutex_;
    std::condition_variable free_;
    bool held_ = false;
};

}  // namespace postern::cluster
