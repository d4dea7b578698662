#include "net/listening.hpp"

#include "net/endpoint.hpp"

#include <boost/asio/io_context.hpp>

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace postern::net {
namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

ErrorCode last_error() {
    return {errno, boost::system::system_category()};
}

ErrorCode probe(const Tcp::endpoint& endpoint) {
    asio::io_context context;
    Tcp::acceptor acceptor{context};
    ErrorCode error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(Tcp::acceptor::reuse_address{true}, error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(1, error);
    return error;
}

}  // namespace

std::string to_text(const Tcp::endpoint& endpoint) {
    std::string text;
    const bool v6 = endpoint.address().is_v6();
    if (v6) text += '[';
    text += endpoint.address().to_string();
    if (v6) text += ']';
    text += ':';
    text += std::to_string(endpoint.port());
    return text;
}

Complaint cannot_listen(std::string_view address, std::string_view why) {
    std::string message = "cannot listen on ";
    message += address;
    message += ": ";
    message += why;
    return Complaint{std::move(message)};
}

Result<Tcp::endpoint, Complaint> find_free_endpoint(const std::string& address) {
    const auto parts = split_host_and_port(address);
    if (!parts) return parts.error();
    asio::io_context context;
    Tcp::resolver resolver{context};
    ErrorCode error;
    const auto found = resolver.resolve(parts->host, parts->port, error);
    if (error || found.empty()) return cannot_listen(address, error.message());
    const Tcp::endpoint endpoint = found.begin()->endpoint();
    error = probe(endpoint);
    if (error) return cannot_listen(address, error.message());
    return endpoint;
}

ErrorCode bind_shared(Tcp::acceptor& acceptor, const Tcp::endpoint& endpoint) {
    ErrorCode error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(Tcp::acceptor::reuse_address{true}, error);
    if (!error) acceptor.set_option(ReusePort{true}, error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor.non_blocking(true, error);
    return error;
}

ErrorCode take_over(Tcp::acceptor& acceptor, int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return last_error();
    }
    const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return last_error();
    ErrorCode error;
    acceptor.assign(address.ss_family == AF_INET6 ? Tcp::v6() : Tcp::v4(), copy, error);
    if (error) close(copy);
    if (!error) acceptor.non_blocking(true, error);
    return error;
}

}  // namespace postern::net
