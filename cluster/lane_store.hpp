#pragma once

#include "core/result.hpp"
#include "net/mailbox.hpp"
#include "net/runtime.hpp"
#include "storage/database.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace postern::cluster {

// A connection to the store with a thread of its own, for short statements about lanes. Not one of
// the writer's: what is decided here must not wait for a batch, nor keep a row locked until one
// commits.
class LaneStore final : public net::Letter {
 public:
    using Opened = Result<std::unique_ptr<storage::Connection>, storage::StoreError>;
    using Open = std::function<Opened()>;
    LaneStore(net::IoThread& thread, Open open);
    ~LaneStore();  // finishes what was submitted, tells nobody any more; after the loop's end
    LaneStore(const LaneStore&) = delete;
    LaneStore& operator=(const LaneStore&) = delete;

    using Outcome = Result<void, storage::StoreError>;
    using Work = std::function<Outcome(storage::Connection&)>;  // on the store's thread
    using Done = std::function<void(Outcome)>;                  // on the io thread
    // One after the other, in this order.
    void submit(Work work, Done done);
    // For coroutines of the io thread. The work must outlive it.
    net::Task<Outcome> wait(const Work& work);

    void delivered() noexcept override;

 private:
    struct Job {
        Work work;
        Done done;
        Outcome outcome = {};
    };
    void run_thread();
    Outcome run(const Work& work);

    net::IoThread& io_thread_;
    Open open_;
    std::unique_ptr<storage::Connection> connection_;  // the thread only

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::vector<Job> waiting_;
    std::vector<Job> finished_;
    enum class Phase { open, stopping } phase_ = Phase::open;
    std::jthread thread_;
};

}  // namespace postern::cluster
