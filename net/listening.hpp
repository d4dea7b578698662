#pragma once

#include "core/result.hpp"
#include "net/task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>

// Private to net/: how a listener comes to its sockets.
namespace postern::net {

using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

std::string to_text(const Tcp::endpoint& endpoint);
Complaint cannot_listen(std::string_view address, std::string_view why);

// The endpoint to bind. With SO_REUSEPORT a second daemon would quietly take half of our
// connections, so this asks without it whether somebody is there.
Result<Tcp::endpoint, Complaint> find_free_endpoint(const std::string& address);

// A socket of its own for each io thread: the system spreads connections over them.
ErrorCode bind_shared(Tcp::acceptor& acceptor, const Tcp::endpoint& endpoint);

// A copy of a listening socket that the service manager keeps. Closing the copy refuses nobody:
// who connects later waits for the next daemon.
ErrorCode take_over(Tcp::acceptor& acceptor, int descriptor);

}  // namespace postern::net
