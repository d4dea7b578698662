#pragma once

#include "net/mailbox.hpp"
#include "redis/client.hpp"

#include <atomic>
#include <functional>
#include <string>

namespace postern::cluster {

// Tells the other nodes to look into the store at once, and hears when they do. Only a hint: who
// misses it looks a second later all the same.
class Hint final : private net::Letter {
 public:
    struct Parts {
        net::IoThread& thread;
        redis::Client& client;  // not started yet
        std::string channel;
        std::function<void()> on_told;  // on the io thread; of one's own hints too
    };
    explicit Hint(Parts parts);
    Hint(const Hint&) = delete;
    Hint& operator=(const Hint&) = delete;

    void tell();  // any thread

 private:
    void delivered() noexcept override;
    net::Task<void> publish();

    Parts parts_;
    std::atomic<bool> on_its_way_{false};
};

}  // namespace postern::cluster
