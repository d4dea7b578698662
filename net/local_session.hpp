#pragma once

#include "net/session.hpp"

#include <boost/asio/local/stream_protocol.hpp>

// Private to net/: one connection over a Unix socket.
namespace postern::net {

using LocalSocket = asio::local::stream_protocol::socket;

Task<void> serve_local(LocalSocket socket, SessionList& list, SessionSurroundings surroundings);

}  // namespace postern::net
