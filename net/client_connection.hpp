#pragma once

#include "net/http_client.hpp"
#include "net/input_buffer.hpp"
#include "net/tls_client.hpp"
#include "net/transfer.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>
#include <vector>

namespace postern::net {

class ClientConnection;

// The connections that somebody waits for, on one io thread. Deadlines are looked at a few times a
// second: a timer an operation costs a tenth of the request rate.
class ActiveConnections {
 public:
    void add(ClientConnection& connection);
    void remove(ClientConnection& connection);
    void cut_late(std::chrono::steady_clock::time_point now);
    void cut_all();
    bool empty() const { return connections_.empty(); }

 private:
    std::vector<ClientConnection*> connections_;
};

// One outgoing connection, plain or TLS. Moves bytes without waiting; waiting is a step of its own,
// so that one conversation serves both kinds.
class ClientConnection {
 public:
    using Clock = std::chrono::steady_clock;
    enum class Until : std::uint8_t { readable, writable };
    struct Endpoint {
        IpAddress address;
        std::uint16_t port = 0;
    };

    explicit ClientConnection(asio::io_context& context) : socket_{context.get_executor()} {}
    ClientConnection(const ClientConnection&) = delete;
    ClientConnection& operator=(const ClientConnection&) = delete;

    // From here on a wait that is not over at `at` ends the connection.
    void set_deadline(Clock::time_point at) { deadline_ = at; }

    struct Opened {
        OutboundError error = OutboundError::none;
        std::string detail;
    };
    Task<Opened> connect(Endpoint endpoint);
    Task<Opened> start_tls(std::shared_ptr<const TlsClient> tls, std::string server_name);

    struct Pieces {
        std::string_view head;
        std::string_view body;
    };
    Transfer write_some(Pieces pieces);
    Transfer read_some();  // to the end of input()
    // False: the deadline struck, or the client was closed.
    Task<bool> wait(Until until);
    Task<bool> wait_for(Transfer::Outcome wanted);

    bool is_encrypted() const { return tls_ != nullptr; }
    std::string tls_failure() const;  // empty when not TLS itself failed
    OutboundError why_interrupted() const;
    // Nothing has arrived on an idle connection, and it has not ended.
    bool is_quiet();

    // Kept with the connection, so that the next request finds them grown.
    InputBuffer& input() { return input_; }
    std::string& output() { return output_; }
    void shrink_when_idle();

 private:
    friend class ActiveConnections;
    using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
    enum class Fate : std::uint8_t { open, expired, cut };

    void end(Fate fate);
    Opened confirm_peer(const IpAddress& dialled);

    Socket socket_;
    InputBuffer input_;
    std::string output_;
    std::unique_ptr<TlsSession> tls_;  // destroyed before the socket that it uses
    Clock::time_point deadline_ = Clock::time_point::max();
    Fate fate_ = Fate::open;
    std::size_t place_ = 0;
};

}  // namespace postern::net
