#pragma once

#include "net/runtime.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace postern::net {

// Rings once on its io thread; setting it again forgets the time before. For that thread only.
class Alarm {
 public:
    Alarm(IoThread& thread, std::function<void()> ring);
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    void set(std::chrono::microseconds from_now);
    void cancel();

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace postern::net
