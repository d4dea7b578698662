#pragma once

#include "net/runtime.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace postern::redis {

// What others are told, they are told in a turn of its own: whoever hears may ask again, stop or
// destroy the client, and nothing of ours is half done meanwhile. A burst costs one post.
class Later : public std::enable_shared_from_this<Later> {
 public:
    using Job = std::function<void()>;

    explicit Later(net::IoThread& thread) : thread_{thread} {}

    void add(Job job);
    void run();  // all that is there, at once

 private:
    net::IoThread& thread_;
    std::vector<Job> jobs_;
};

}  // namespace postern::redis
