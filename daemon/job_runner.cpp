#include "daemon/job_runner.hpp"

#include "core/log.hpp"
#include "daemon/blocking_read.hpp"
#include "daemon/blocking_write.hpp"
#include "daemon/job_steps.hpp"

#include <algorithm>

namespace postern::daemon {

using std::chrono::steady_clock;
using storage::JobRow;
using storage::JobState;
using storage::StoreError;

namespace {

constexpr std::chrono::seconds kAfterFailure{2};

void log_end(const JobRow& job) {
    const storage::JobState state = job.state;
    if (state == JobState::failed) {
        log::warn("job.failed", {{"kind", to_text(job.kind)}, {"why", job.error}});
    } else if (state == JobState::finished) {
        log::info(
            "job.finished",
            {{"kind", to_text(job.kind)},
             {"looked_at", job.looked_at},
             {"scheduled", job.scheduled}}
        );
    }
}

}  // namespace

JobRunner::~JobRunner() {
    stop();
}

void JobRunner::start() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = false;
        work_to_do_ = true;
    }
    thread_ = std::jthread{[this] {
        run_thread();
    }};
}

void JobRunner::wake() {
    look();
    tell(parts_.neighbours);
}

void JobRunner::look() {
    const std::lock_guard lock{mutex_};
    work_to_do_ = true;
    wake_.notify_one();
}

void JobRunner::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

bool JobRunner::is_stopping() {
    const std::lock_guard lock{mutex_};
    return stopping_;
}

void JobRunner::run_thread() {
    for (;;) {
        {
            std::unique_lock lock{mutex_};
            wake_.wait_until(lock, next_turn(), [this] { return stopping_ || work_to_do_; });
            if (stopping_) return;
            if (work_to_do_) take_up_at_ = {};
            work_to_do_ = false;
        }
        if (take_up_at_ <= steady_clock::now()) take_up_jobs();
        run_due_jobs();
    }
}

JobRunner::SteadyTime JobRunner::next_turn() const {
    SteadyTime turn = take_up_at_;
    for (const auto& [id, at] : next_step_at_) turn = std::min(turn, at);
    return turn;
}

void JobRunner::take_up_jobs() {
    std::vector<JobRow> jobs;
    const ReadWork work = [&jobs](storage::Connection& connection) -> StoreResult {
        auto loaded = storage::load_running_jobs(connection);
        if (!loaded) return loaded.error();
        jobs = std::move(*loaded);
        return {};
    };
    const StoreResult read = read_and_wait(parts_.store.readers, work);
    take_up_at_ = steady_clock::now() + (read ? parts_.take_up_every : kAfterFailure);
    if (!read) return;
    for (const JobRow& job : jobs) next_step_at_.try_emplace(job.id, steady_clock::now());
}

void JobRunner::run_due_jobs() {
    std::vector<JobId> due;
    for (const auto& [id, at] : next_step_at_) {
        if (at <= steady_clock::now()) due.push_back(id);
    }
    for (const JobId id : due) {
        if (is_stopping()) return;
        const SteadyTime next = run_step(id);
        if (next == SteadyTime::max()) {
            next_step_at_.erase(id);
        } else {
            next_step_at_[id] = next;
        }
    }
}

JobRunner::SteadyTime JobRunner::run_step(JobId id) {
    const SteadyTime begun = steady_clock::now();
    JobSurroundings around{parts_.endpoints, parts_.store.ids};
    if (parts_.neighbours != nullptr) {
        // A job may be about an endpoint that another node made a moment before it.
        if (!parts_.neighbours->catch_up()) return steady_clock::now() + kAfterFailure;
        around.others_know_after = kNeighboursKnowAfter;
    }
    JobStep step;
    const WriteWork work = [&around, &step, id](storage::Transaction& transaction) -> StoreResult {
        auto made = run_job_step(transaction, around, id);
        if (!made) return made.error();
        step = std::move(*made);
        return {};
    };
    const WriteResult written =
        write_and_wait(parts_.store.writer, guarded(guard_of(parts_.neighbours), work));
    if (!written) {
        log::warn("job.step_failed", {{"why", to_text(written.error())}});
        return steady_clock::now() + kAfterFailure;
    }
    if (!step.nudges.empty()) parts_.dispatcher.nudge(std::move(step.nudges));
    if (!step.job) return SteadyTime::max();
    if (step.job->state == JobState::running) return begun + step.pause;
    log_end(*step.job);
    return SteadyTime::max();
}

}  // namespace postern::daemon
