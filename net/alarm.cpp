#include "net/alarm.hpp"

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace postern::net {

using Timer = asio::basic_waitable_timer<
    std::chrono::steady_clock,
    asio::wait_traits<std::chrono::steady_clock>,
    Executor>;

// Shared with the wait under way, which may outlive the alarm by one turn of the loop.
struct Alarm::Impl {
    Impl(IoThread& thread, std::function<void()> ring_to_keep)
        : timer{thread.context()}, ring{std::move(ring_to_keep)} {}

    Timer timer;
    std::function<void()> ring;
};

Alarm::Alarm(IoThread& thread, std::function<void()> ring)
    : impl_{std::make_shared<Impl>(thread, std::move(ring))} {}

Alarm::~Alarm() {
    impl_->ring = nullptr;
    cancel();
}

void Alarm::set(std::chrono::microseconds from_now) {
    impl_->timer.expires_after(from_now);
    impl_->timer.async_wait([impl = impl_](const boost::system::error_code& error) {
        if (!error && impl->ring) impl->ring();
    });
}

void Alarm::cancel() {
    impl_->timer.cancel();
}

}  // namespace postern::net
