#include "net/spawn.hpp"

#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace postern::net {
namespace {

void report(std::exception_ptr failure) {
    log::failure("task.failed", failure);
}

}  // namespace

void spawn(IoThread& thread, Task<void> task) {
    asio::co_spawn(thread.context(), std::move(task), &report);
}

}  // namespace postern::net
