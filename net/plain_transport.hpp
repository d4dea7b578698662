#pragma once

#include "net/input_buffer.hpp"
#include "net/task.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <string_view>
#include <utility>

// Private to net/: bytes as they are, over whichever kind of stream socket.
namespace postern::net {

template <class Socket>
class PlainTransport {
 public:
    static constexpr bool kEncrypted = false;

    explicit PlainTransport(Socket socket) : socket_{std::move(socket)} {}

    Socket& socket() { return socket_; }
    Socket& stream() { return socket_; }

    Task<bool> handshake(InputBuffer&) { co_return true; }

    // Most answers fit the kernel's buffer: one system call and no suspension.
    std::size_t try_write(std::string_view bytes) {
        boost::system::error_code error;
        const auto buffer = asio::buffer(bytes.data(), bytes.size());
        return socket_.send(buffer, 0, error);
    }

    bool has_unread() {
        boost::system::error_code error;
        return socket_.available(error) > 0 && !error;
    }

    Task<void> say_goodbye() {
        // The peer may already be gone, and we do nothing different then.
        boost::system::error_code ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
        co_return;
    }

 private:
    Socket socket_;
};

}  // namespace postern::net
