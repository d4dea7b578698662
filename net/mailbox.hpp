#pragma once

#include "net/task.hpp"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace postern::net {

// Something that another thread finished, to be looked at on the io thread it belongs to.
class Letter {
 public:
    virtual void delivered() noexcept = 0;

 protected:
    ~Letter() = default;
};

// Where other threads leave letters for an io thread. A burst costs one post: whoever finds the box
// empty rings, the others only drop in.
class Mailbox {
 public:
    explicit Mailbox(asio::io_context& context) : context_{context} {}

    void drop(Letter& letter);

 private:
    void deliver();

    asio::io_context& context_;
    std::mutex mutex_;
    std::vector<Letter*> waiting_;
    std::vector<Letter*> delivering_;
};

// A coroutine that waits on its own io thread. wake() resumes it at once, on that thread.
class Sleeper {
 public:
    void wake() {
        // Moved out first: the coroutine may end, and take this sleeper with it.
        const auto continuation = std::move(continuation_);
        continuation->run();
    }

 private:
    struct Continuation {
        virtual ~Continuation() = default;
        virtual void run() = 0;
    };
    template <class Handler>
    struct ContinueWith final : Continuation {
        explicit ContinueWith(Handler handler_to_keep) : handler{std::move(handler_to_keep)} {}
        void run() override {
            auto once = std::move(handler);
            std::move(once)();
        }
        Handler handler;
    };

    template <class Start>
    friend Task<void> sleep_until_woken(Sleeper& sleeper, Start start);
    std::unique_ptr<Continuation> continuation_;
};

// Suspends, runs start(), and goes on when the sleeper is woken. start() may hand work to other
// threads whose letters wake the sleeper: they are delivered after the suspension.
template <class Start>
Task<void> sleep_until_woken(Sleeper& sleeper, Start start) {
    auto initiation = [&sleeper, &start](auto handler) {
        using Handler = decltype(handler);
        sleeper.continuation_ =
            std::make_unique<Sleeper::ContinueWith<Handler>>(std::move(handler));
        start();
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        initiation, kAwait
    );
}

}  // namespace postern::net
