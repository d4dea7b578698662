#include "tests/unit/net/fake_server.hpp"

#include "core/assert.hpp"
#include "core/numbers.hpp"

#include <openssl/ssl.h>

#include <cerrno>
#include <csignal>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace postern::net {
namespace {

// False when the server stops first.
bool wait_for(int socket, short events, int stop_event) {
    pollfd watched[2] = {
        {.fd = socket, .events = events, .revents = 0},
        {.fd = stop_event, .events = POLLIN, .revents = 0}};
    while (::poll(watched, 2, -1) < 0 && errno == EINTR) {
    }
    return watched[1].revents == 0;
}

std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    const auto at = head.find(name);
    if (at == std::string_view::npos) return 0;
    const std::string_view rest = head.substr(at + name.size());
    return static_cast<std::size_t>(parse_unsigned(rest.substr(0, rest.find('\r'))).value_or(0));
}

}  // namespace

bool FakePeer::receive_more() {
    char buffer[16 * 1024];
    for (;;) {
        ssize_t count = 0;
        if (tls_ != nullptr) {
            count = SSL_read(tls_.get(), buffer, sizeof buffer);
            const int reason = SSL_get_error(tls_.get(), static_cast<int>(count));
            if (count <= 0 && reason != SSL_ERROR_WANT_READ) return false;
        } else {
            count = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
            if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return false;
        }
        if (count > 0) {
            unread_.append(buffer, static_cast<std::size_t>(count));
            return true;
        }
        if (!wait_for(socket_, POLLIN, stop_event_)) return false;
    }
}

std::optional<std::string> FakePeer::read_some() {
    if (unread_.empty() && !receive_more()) return std::nullopt;
    return std::exchange(unread_, {});
}

std::optional<std::string> FakePeer::read_head() {
    auto end = unread_.find("\r\n\r\n");
    while (end == std::string::npos) {
        if (!receive_more()) return std::nullopt;
        end = unread_.find("\r\n\r\n");
    }
    std::string head = unread_.substr(0, end + 4);
    unread_.erase(0, end + 4);
    return head;
}

std::optional<std::string> FakePeer::read_request() {
    auto request = read_head();
    if (!request) return std::nullopt;
    const std::size_t wanted = content_length(*request);
    while (unread_.size() < wanted) {
        if (!receive_more()) return std::nullopt;
    }
    *request += unread_.substr(0, wanted);
    unread_.erase(0, wanted);
    return request;
}

bool FakePeer::send(std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t count = 0;
        if (tls_ != nullptr) {
            count = SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
            if (count <= 0) return false;
        } else {
            count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (count < 0 && errno != EAGAIN) return false;
        }
        if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
        if (count < 0 && !wait_for(socket_, POLLOUT, stop_event_)) return false;
    }
    return !stopped();
}

void FakePeer::close() {
    if (tls_ == nullptr) return end_below_tls();
    SSL_shutdown(tls_.get());
}

void FakePeer::reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    // The number stays taken until the server closes it, and the connection is reset.
    const int nowhere = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::dup2(nowhere, socket_);
    ::close(nowhere);
}

void FakePeer::wait_for_end() {
    while (receive_more()) unread_.clear();
}

void FakePeer::pause_milliseconds(int count) {
    pollfd stop{.fd = stop_event_, .events = POLLIN, .revents = 0};
    ::poll(&stop, 1, count);
}

bool FakePeer::stopped() {
    pollfd stop{.fd = stop_event_, .events = POLLIN, .revents = 0};
    return ::poll(&stop, 1, 0) > 0;
}

bool FakePeer::start_tls(SSL_CTX* context) {
    tls_ = {SSL_new(context), [](SSL* tls) {
                SSL_free(tls);
            }};
    SSL_set_fd(tls_.get(), socket_);
    SSL_set_accept_state(tls_.get());
    return SSL_do_handshake(tls_.get()) == 1;
}

bool FakePeer::session_was_reused() const {
    return SSL_session_reused(tls_.get()) == 1;
}

void FakePeer::end_below_tls() {
    ::shutdown(socket_, SHUT_WR);
}

FakeServer::FakeServer(Script script)
    : script_{std::move(script)},
      listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)},
      stop_event_{::eventfd(0, EFD_CLOEXEC)} {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's sockets raise it
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    POSTERN_ASSERT(::bind(listener_, generic, size) == 0);
    POSTERN_ASSERT(::listen(listener_, SOMAXCONN) == 0);
    POSTERN_ASSERT(::getsockname(listener_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread{[this] {
        accept_all();
    }};
}

FakeServer::~FakeServer() {
    ::eventfd_write(stop_event_, 1);
    acceptor_.join();
    peers_.clear();
    ::close(listener_);
    ::close(stop_event_);
}

int FakeServer::connections() {
    const std::lock_guard lock{mutex_};
    return static_cast<int>(peers_.size());
}

void FakeServer::accept_all() {
    while (wait_for(listener_, POLLIN, stop_event_)) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        const std::lock_guard lock{mutex_};
        const int number = static_cast<int>(peers_.size());
        peers_.emplace_back([this, socket, number] {
            {
                FakePeer peer{socket, stop_event_};
                script_(peer, number);
            }
            ::close(socket);
        });
    }
}

FakeServer::Script answering(std::string answer) {
    return [answer = std::move(answer)](FakePeer& peer, int) {
        while (peer.read_request()) {
            if (!peer.send(answer)) return;
        }
    };
}

}  // namespace postern::net
