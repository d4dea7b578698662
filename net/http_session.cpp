#include "net/plain_transport.hpp"
#include "net/session_body.hpp"

namespace postern::net {

Task<void>
serve_http(AcceptedConnection connection, SessionList& list, SessionSurroundings surroundings) {
    using Transport = PlainTransport<Tcp::socket>;
    auto session = std::make_unique<HttpSession<Transport>>(
        Transport{std::move(connection.socket)}, connection.peer, list, surroundings
    );
    co_await session->run();
}

}  // namespace postern::net
