#include "cluster/lane_store.hpp"

#include <iterator>
#include <utility>

namespace postern::cluster {

using storage::StoreError;

LaneStore::LaneStore(net::IoThread& thread, Open open)
    : io_thread_{thread}, open_{std::move(open)}, thread_{[this] {
          run_thread();
      }} {}

LaneStore::~LaneStore() {
    {
        const std::lock_guard lock{mutex_};
        phase_ = Phase::stopping;
        wake_.notify_one();
    }
    thread_.join();
}

void LaneStore::submit(Work work, Done done) {
    const std::lock_guard lock{mutex_};
    waiting_.push_back({.work = std::move(work), .done = std::move(done)});
    wake_.notify_one();
}

net::Task<LaneStore::Outcome> LaneStore::wait(const Work& work) {
    // The job keeps it, not the coroutine, which it keeps in its turn: so a job that is never done
    // takes the coroutine along.
    auto kept = std::make_shared<net::Sleeper>();
    net::Sleeper& sleeper = *kept;
    Outcome outcome = StoreError::closed;
    auto start = [this, &kept, &outcome, &work] {
        submit(work, [sleeper = std::move(kept), &outcome](Outcome result) {
            outcome = result;
            sleeper->wake();
        });
    };
    co_await net::sleep_until_woken(sleeper, start);
    co_return outcome;
}

void LaneStore::run_thread() {
    for (;;) {
        std::vector<Job> jobs;
        {
            std::unique_lock lock{mutex_};
            wake_.wait(lock, [this] { return !waiting_.empty() || phase_ == Phase::stopping; });
            if (waiting_.empty()) return;
            jobs.swap(waiting_);
        }
        for (Job& job : jobs) {
            job.outcome = run(job.work);
            const std::lock_guard lock{mutex_};
            const bool is_first = finished_.empty();
            finished_.push_back(std::move(job));
            if (is_first) io_thread_.mailbox().drop(*this);
        }
    }
}

LaneStore::Outcome LaneStore::run(const Work& work) {
    if (connection_ == nullptr) {
        Opened opened = open_();
        if (!opened) return opened.error();
        connection_ = std::move(*opened);
    }
    // One that broke is made anew by its next statement.
    return work(*connection_);
}

void LaneStore::delivered() noexcept {
    std::vector<Job> jobs;
    {
        const std::lock_guard lock{mutex_};
        jobs.swap(finished_);
    }
    for (const Job& job : jobs) job.done(job.outcome);
}

}  // namespace postern::cluster
