#pragma once

#include <atomic>
#include <functional>
#include <string_view>
#include <utility>

namespace postern::storage {

// After a failed sync the kernel may have marked lost pages as clean, so the next sync would say
// "done" about data that is gone. The first such failure ends all writing in this process; the
// daemon is told once and exits, and the next process reads what really is on the disk.
class Poison {
 public:
    using Listener = std::function<void(std::string_view reason)>;

    explicit Poison(Listener listener) : listener_{std::move(listener)} {}

    bool is_set() const { return set_.load(std::memory_order_acquire); }
    // Thread-safe; the listener runs once, on the thread that met the failure first.
    void set(std::string_view reason) {
        if (!set_.exchange(true, std::memory_order_acq_rel) && listener_) listener_(reason);
    }

 private:
    std::atomic<bool> set_ = false;
    Listener listener_;
};

}  // namespace postern::storage
