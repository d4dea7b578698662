#pragma once

#include "core/worker_pool.hpp"
#include "net/runtime.hpp"

#include <utility>

namespace postern::daemon {

enum class Offloaded { ran, shed };

// Runs `work` on a worker thread while the coroutine sleeps on its io thread. What the work refers
// to lives in the waiting coroutine. Shed: the pool is full and nothing ran.
template <class Work>
net::Task<Offloaded> offload(WorkerPool& pool, net::IoThread& thread, Work work) {
    class Waiting final : public net::Letter {
     public:
        void delivered() noexcept override { sleeper.wake(); }
        net::Sleeper sleeper;
    };
    Waiting waiting;
    bool accepted = false;
    auto start = [&pool, &thread, &work, &waiting, &accepted] {
        accepted = pool.submit([&thread, &work, &waiting] {
            work();
            thread.mailbox().drop(waiting);
        });
        if (!accepted) thread.mailbox().drop(waiting);
    };
    co_await net::sleep_until_woken(waiting.sleeper, start);
    co_return accepted ? Offloaded::ran : Offloaded::shed;
}

}  // namespace postern::daemon
