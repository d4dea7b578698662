#pragma once

#include "cluster/shared_counts.hpp"
#include "core/time.hpp"
#include "net/alarm.hpp"
#include "net/mailbox.hpp"
#include "redis/client.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace postern::cluster {

// Tells the other nodes what this one took, and this one what they took: a tenth of a second after
// something was asked for, all of it at once, and not at all while nothing is. One io thread.
class SharedLimits {
 public:
    static constexpr std::chrono::milliseconds kExchangeEvery{100};

    struct Kind {
        std::string name;  // in the queue's keys
        SharedCounts& counts;
    };
    struct Parts {
        net::IoThread& thread;
        redis::Client& client;
        std::string prefix;
        const Clock& clock;
        std::function<std::size_t()> live_nodes;  // any thread
        std::vector<Kind> kinds;
    };
    explicit SharedLimits(Parts parts);
    ~SharedLimits();  // after its thread has ended
    SharedLimits(const SharedLimits&) = delete;
    SharedLimits& operator=(const SharedLimits&) = delete;

 private:
    struct Call {
        std::vector<std::string> keys;
        std::vector<std::string> arguments;
    };
    // Rings on the io thread, whoever asked.
    class Bell final : public net::Letter {
     public:
        Bell(net::IoThread& thread, SharedLimits& limits) : thread_{thread}, limits_{limits} {}
        void ring();
        void delivered() noexcept override;

     private:
        net::IoThread& thread_;
        SharedLimits& limits_;
        std::atomic<bool> rung_{false};
    };

    void exchange();
    net::Task<void> exchange_all();
    net::Task<void> exchange_shard(std::size_t kind, std::size_t shard);
    Call call_for(const Kind& kind, const std::vector<SharedCounts::Addition>& additions) const;

    Parts parts_;
    Bell bell_;
    net::Alarm next_;
    enum class Phase { idle, waiting, exchanging } phase_ = Phase::idle;
};

}  // namespace postern::cluster
