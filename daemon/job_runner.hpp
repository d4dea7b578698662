#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "daemon/neighbours.hpp"
#include "daemon/store.hpp"
#include "dispatch/dispatcher.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace postern::daemon {

// Runs the jobs that the store says are running, a small step of each in turn, each step and the
// cursor it reached in one transaction. A thread of its own, asleep while there is nothing.
class JobRunner {
 public:
    struct Parts {
        Store& store;
        const Clock& clock;
        dispatch::EndpointDirectory& endpoints;
        dispatch::Dispatcher& dispatcher;
        const Neighbours* neighbours = nullptr;  // null: nobody else has this store's jobs
        // Jobs that other nodes made are found by asking.
        std::chrono::seconds take_up_every{60};
    };
    explicit JobRunner(Parts parts) : parts_{parts} {}
    ~JobRunner();  // stops
    JobRunner(const JobRunner&) = delete;
    JobRunner& operator=(const JobRunner&) = delete;

    // Several times, each after the stop before it.
    void start();
    void wake();  // a job was made here; any thread
    void look();  // one was made, perhaps on another node; any thread
    void stop();  // ends after the step in hand

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run_thread();
    void take_up_jobs();
    void run_due_jobs();
    SteadyTime run_step(JobId id);  // when the next may be made
    SteadyTime next_turn() const;
    bool is_stopping();

    Parts parts_;
    // The thread only, like all to the next remark: when each running job may make its next step.
    std::map<JobId, SteadyTime> next_step_at_;
    SteadyTime take_up_at_{};  // the store is asked for jobs no later than this

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    bool work_to_do_ = true;
    bool stopping_ = false;
    std::jthread thread_;
};

}  // namespace postern::daemon
