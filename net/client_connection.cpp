#include "net/client_connection.hpp"

#include "core/assert.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>

namespace postern::net {
namespace {

using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

asio::ip::address to_asio(const IpAddress& address) {
    if (!address.is_v4()) return asio::ip::address_v6{address.bytes};
    asio::ip::address_v4::bytes_type last{};
    std::memcpy(last.data(), address.bytes.data() + 12, last.size());
    return asio::ip::address_v4{last};
}

Transfer outcome_of(ssize_t returned, Transfer::Outcome when_blocked) {
    if (returned >= 0) return {Transfer::Outcome::done, static_cast<std::size_t>(returned)};
    const bool blocked = errno == EAGAIN || errno == EINTR;
    return {blocked ? when_blocked : Transfer::Outcome::failed, 0};
}

}  // namespace

void ActiveConnections::add(ClientConnection& connection) {
    connection.place_ = connections_.size();
    connections_.push_back(&connection);
}

void ActiveConnections::remove(ClientConnection& connection) {
    POSTERN_ASSERT(connections_[connection.place_] == &connection);
    connections_[connection.place_] = connections_.back();
    connections_[connection.place_]->place_ = connection.place_;
    connections_.pop_back();
}

void ActiveConnections::cut_late(std::chrono::steady_clock::time_point now) {
    for (ClientConnection* connection : connections_) {
        if (now >= connection->deadline_) connection->end(ClientConnection::Fate::expired);
    }
}

void ActiveConnections::cut_all() {
    for (ClientConnection* connection : connections_) {
        connection->end(ClientConnection::Fate::cut);
    }
}

// Whoever waits is resumed later with an aborted wait, never from within.
void ClientConnection::end(Fate fate) {
    if (fate_ != Fate::open) return;
    fate_ = fate;
    tls_.reset();
    ErrorCode ignored;
    socket_.close(ignored);
}

OutboundError ClientConnection::why_interrupted() const {
    return fate_ == Fate::expired ? OutboundError::timeout : OutboundError::connection_lost;
}

auto ClientConnection::connect(Endpoint endpoint) -> Task<Opened> {
    if (fate_ == Fate::cut) co_return Opened{OutboundError::connection_lost, {}};
    fate_ = Fate::open;
    const Tcp::endpoint wanted{to_asio(endpoint.address), endpoint.port};
    ErrorCode error;
    socket_.close(error);
    socket_.open(wanted.protocol(), error);
    if (error) co_return Opened{OutboundError::connect_failed, error.message()};
    socket_.set_option(Tcp::no_delay{true}, error);
    const auto [failure] = co_await socket_.async_connect(wanted, kAwaitTuple);
    if (fate_ != Fate::open) co_return Opened{why_interrupted(), "while connecting"};
    if (failure == asio::error::connection_refused) {
        co_return Opened{OutboundError::connect_refused, failure.message()};
    }
    if (failure) co_return Opened{OutboundError::connect_failed, failure.message()};
    co_return confirm_peer(endpoint.address);
}

// What was vetted is a number; that the kernel connected to that number is looked at, not assumed.
auto ClientConnection::confirm_peer(const IpAddress& dialled) -> Opened {
    ErrorCode error;
    const Tcp::endpoint remote = socket_.remote_endpoint(error);
    if (error) return {OutboundError::connect_failed, error.message()};
    if (remote.address() == to_asio(dialled)) return {};
    socket_.close(error);
    return {OutboundError::connect_failed, "the peer is not the address that was dialled"};
}

auto ClientConnection::start_tls(std::shared_ptr<const TlsClient> tls, std::string server_name)
    -> Task<Opened> {
    TlsPeer peer{.socket = socket_.native_handle(), .server_name = std::move(server_name)};
    tls_ = TlsSession::make(std::move(tls), std::move(peer));
    if (tls_ == nullptr) co_return Opened{OutboundError::tls_failed, "cannot begin"};
    for (;;) {
        const Transfer step = tls_->handshake();
        switch (step.outcome) {
            case Transfer::Outcome::done: co_return Opened{};
            case Transfer::Outcome::ended:
            case Transfer::Outcome::failed:
                co_return Opened{
                    tls_->peer_is_untrusted() ? OutboundError::tls_untrusted
                                              : OutboundError::tls_failed,
                    tls_->failure()};
            case Transfer::Outcome::want_read:
            case Transfer::Outcome::want_write: break;
        }
        const bool ready = co_await wait_for(step.outcome);
        if (!ready) co_return Opened{why_interrupted(), "during the TLS handshake"};
    }
}

Transfer ClientConnection::write_some(Pieces pieces) {
    if (tls_ != nullptr) {
        const std::string_view next = pieces.head.empty() ? pieces.body : pieces.head;
        return tls_->write(next.data(), next.size());
    }
    iovec parts[2] = {
        {const_cast<char*>(pieces.head.data()), pieces.head.size()},
        {const_cast<char*>(pieces.body.data()), pieces.body.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    return outcome_of(
        ::sendmsg(socket_.native_handle(), &message, flags), Transfer::Outcome::want_write
    );
}

Transfer ClientConnection::read_some() {
    constexpr std::size_t room = 2048;
    input_.make_room(room);
    Transfer got;
    if (tls_ != nullptr) {
        got = tls_->read(input_.free_space(), input_.free_bytes());
    } else {
        const int socket = socket_.native_handle();
        got = outcome_of(
            ::recv(socket, input_.free_space(), input_.free_bytes(), MSG_DONTWAIT),
            Transfer::Outcome::want_read
        );
        const bool at_end = got.outcome == Transfer::Outcome::done && got.bytes == 0;
        if (at_end) got.outcome = Transfer::Outcome::ended;
    }
    input_.append(got.bytes);
    return got;
}

Task<bool> ClientConnection::wait(Until until) {
    const auto type = until == Until::readable ? Socket::wait_read : Socket::wait_write;
    const auto [error] = co_await socket_.async_wait(type, kAwaitTuple);
    co_return !error && fate_ == Fate::open;
}

Task<bool> ClientConnection::wait_for(Transfer::Outcome wanted) {
    return wait(wanted == Transfer::Outcome::want_write ? Until::writable : Until::readable);
}

std::string ClientConnection::tls_failure() const {
    return tls_ == nullptr ? std::string{} : tls_->failure();
}

void ClientConnection::shrink_when_idle() {
    constexpr std::size_t bytes_kept = 16 * 1024;
    input_.shrink_when_idle();
    if (output_.capacity() > bytes_kept) output_ = {};
}

bool ClientConnection::is_quiet() {
    if (fate_ != Fate::open) return false;
    if (tls_ != nullptr) return !tls_->has_unread();
    char next = 0;
    const ssize_t count = ::recv(socket_.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return count < 0 && (errno == EAGAIN);
}

}  // namespace postern::net
