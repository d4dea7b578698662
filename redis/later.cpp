#include "redis/later.hpp"

#include "core/log.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace postern::redis {
namespace {

// One that throws may not keep the others from their answers.
void run_guarded(const Later::Job& job) {
    try {
        job();
    } catch (const std::exception&) {
        log::failure("redis.listener_failed", std::current_exception());
    }
}

}  // namespace

void Later::add(Job job) {
    jobs_.push_back(std::move(job));
    if (jobs_.size() > 1) return;
    net::asio::post(thread_.context(), [self = shared_from_this()] { self->run(); });
}

void Later::run() {
    // Taken out first: a job may add others, and may run them by stopping the client.
    const auto jobs = std::exchange(jobs_, {});
    for (const Job& job : jobs) run_guarded(job);
}

}  // namespace postern::redis
