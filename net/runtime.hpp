#pragma once

#include "net/mailbox.hpp"

#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace postern::net {

// One event loop, one thread. Everything that belongs to a connection happens on it.
class IoThread {
 public:
    explicit IoThread(std::size_t index)
        : index_{index}, context_{1}, mailbox_{context_}, work_{context_.get_executor()} {}

    std::size_t index() const { return index_; }

    asio::io_context& context() { return context_; }
    Mailbox& mailbox() { return mailbox_; }

 private:
    friend class Runtime;
    std::size_t index_;
    asio::io_context context_;
    Mailbox mailbox_;
    std::optional<asio::executor_work_guard<Executor>> work_;
    std::jthread thread_;
};

// The io threads. start() runs them, stop() ends their loops and joins; both once.
class Runtime {
 public:
    explicit Runtime(unsigned thread_count);
    ~Runtime();

    void start();
    void stop();

    std::size_t size() const { return threads_.size(); }
    IoThread& thread(std::size_t index) { return *threads_[index]; }

 private:
    static void run(IoThread& thread);
    std::vector<std::unique_ptr<IoThread>> threads_;
};

}  // namespace postern::net
