#pragma once

#include "net/runtime.hpp"

#include <atomic>

namespace postern::net {

// Shows whether an io thread's loop turns: a question is left for it, and the thread answers when
// it comes to its letters. Must live until the thread has ended.
class Heartbeat final : public Letter {
 public:
    explicit Heartbeat(IoThread& thread) : thread_{thread} {}
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;

    // True when nothing was asked yet.
    bool has_answered() const { return answered_.load(std::memory_order_acquire); }
    // Does nothing while an older question waits: a letter is in the box once.
    void ask() {
        if (!has_answered()) return;
        answered_.store(false, std::memory_order_relaxed);
        thread_.mailbox().drop(*this);
    }
    void delivered() noexcept override { answered_.store(true, std::memory_order_release); }

 private:
    IoThread& thread_;
    std::atomic<bool> answered_{true};
};

}  // namespace postern::net
