#include "net/session_body.hpp"

namespace postern::net {
namespace {

class PlainTransport {
 public:
    static constexpr bool kEncrypted = false;

    explicit PlainTransport(Tcp::socket socket) : socket_{std::move(socket)} {}

    Tcp::socket& socket() { return socket_; }
    Tcp::socket& stream() { return socket_; }

    Task<bool> handshake(InputBuffer&) { co_return true; }

    // Most answers fit the kernel's buffer: one system call and no suspension.
    std::size_t try_write(std::string_view bytes) {
        ErrorCode error;
        const auto buffer = asio::buffer(bytes.data(), bytes.size());
        return socket_.send(buffer, 0, error);
    }

    bool has_unread() {
        ErrorCode error;
        return socket_.available(error) > 0 && !error;
    }

    Task<void> say_goodbye() {
        ErrorCode ignored;  // the peer may already be gone, and we do nothing different then
        socket_.shutdown(Tcp::socket::shutdown_send, ignored);
        co_return;
    }

 private:
    Tcp::socket socket_;
};

}  // namespace

Task<void>
serve_http(AcceptedConnection connection, SessionList& list, SessionSurroundings surroundings) {
    auto session = std::make_unique<HttpSession<PlainTransport>>(
        PlainTransport{std::move(connection.socket)}, connection.peer, list, surroundings
    );
    co_await session->run();
}

}  // namespace postern::net
