#include "net/local_session.hpp"

#include "net/plain_transport.hpp"
#include "net/session_body.hpp"

namespace postern::net {
namespace {

// Whoever comes through a Unix socket is on this machine.
IpAddress loopback() {
    IpAddress address;
    address.bytes[10] = 0xff;
    address.bytes[11] = 0xff;
    address.bytes[12] = 127;
    address.bytes[15] = 1;
    return address;
}

}  // namespace

Task<void> serve_local(LocalSocket socket, SessionList& list, SessionSurroundings surroundings) {
    using Transport = PlainTransport<LocalSocket>;
    const IpAddress peer = loopback();
    auto session = std::make_unique<HttpSession<Transport>>(
        Transport{std::move(socket)}, peer, list, surroundings
    );
    co_await session->run();
}

}  // namespace postern::net
