#include "net/spawn.hpp"

#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace postern::net {
namespace {

void report(std::exception_ptr failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& exception) {
        log::error("task.failed", {{"what", exception.what()}});
    }
}

}  // namespace

void spawn(IoThread& thread, Task<void> task) {
    asio::co_spawn(thread.context(), std::move(task), &report);
}

}  // namespace postern::net
