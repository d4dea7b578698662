#pragma once

#include <chrono>
#include <cstddef>
#include <random>

namespace postern::redis {

// How long to wait before the next try: twice as long each time, and each time by chance between
// half and all of it, so that many nodes do not come back to a server in one moment.
class Backoff {
 public:
    struct Bounds {
        std::chrono::milliseconds first{50};
        std::chrono::milliseconds longest{2'000};
    };
    explicit Backoff(Bounds bounds);

    std::chrono::milliseconds next();
    void reset() { tries_ = 0; }
    std::size_t tries() const { return tries_; }

 private:
    Bounds bounds_;
    std::size_t tries_ = 0;
    std::minstd_rand chance_;
};

}  // namespace postern::redis
