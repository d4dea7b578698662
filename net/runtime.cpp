#include "net/runtime.hpp"

#include "core/assert.hpp"
#include "core/log.hpp"

#include <exception>
#include <pthread.h>

namespace postern::net {

Runtime::Runtime(unsigned thread_count) {
    POSTERN_ASSERT(thread_count > 0);
    for (unsigned i = 0; i < thread_count; ++i) threads_.push_back(std::make_unique<IoThread>(i));
}

Runtime::~Runtime() {
    stop();
}

void Runtime::start() {
    for (const auto& thread : threads_) {
        thread->thread_ = std::jthread{&Runtime::run, std::ref(*thread)};
        pthread_setname_np(thread->thread_.native_handle(), "postern-io");
    }
}

void Runtime::run(IoThread& thread) {
    for (;;) {
        try {
            thread.context_.run();
            return;
        } catch (const std::exception& exception) {
            // Sessions catch their own; what comes this far is a bug, yet no reason to drop every
            // other connection of the thread.
            log::error("runtime.exception", {{"what", exception.what()}});
        }
    }
}

void Runtime::stop() {
    for (const auto& thread : threads_) {
        thread->work_.reset();
        thread->context_.stop();
        if (thread->thread_.joinable()) thread->thread_.join();
    }
}

}  // namespace postern::net
