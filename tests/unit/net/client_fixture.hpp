#pragma once

#include "net/http_client.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace postern::net {

// Runs the thread's loop here until the task has ended.
template <class T>
T run_task(IoThread& thread, Task<T> task) {
    std::optional<T> result;
    const auto keep = [&result](std::exception_ptr failure, T value) {
        if (failure) std::rethrow_exception(failure);
        result.emplace(std::move(value));
    };
    asio::co_spawn(thread.context(), std::move(task), keep);
    while (!result) thread.context().run_one();
    return std::move(*result);
}

inline IpAddress loopback() {
    return *parse_ip_address("127.0.0.1");
}

inline OutboundRequest request_to(std::uint16_t port) {
    OutboundRequest request;
    request.host_field = "example.com";
    request.server_name = "example.com";
    request.port = port;
    request.target = "/hook";
    request.addresses = {loopback()};
    request.header_lines = "content-type: application/json\r\n";
    request.body = R"({"id":"evt_1"})";
    request.timeout = std::chrono::milliseconds{5'000};
    return request;
}

}  // namespace postern::net
