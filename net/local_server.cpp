#include "net/local_server.hpp"

#include "core/log.hpp"
#include "net/local_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::net {

using Local = asio::local::stream_protocol;
using ErrorCode = boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::milliseconds kPauseAfterAcceptError{100};
constexpr mode_t kSocketMode = 0600;

Complaint cannot_listen(const std::filesystem::path& path, std::string_view why) {
    std::string message = "cannot listen on ";
    message += path.string();
    message += ": ";
    message += why;
    return Complaint{std::move(message)};
}

bool may_speak(LocalSocket& socket) {
    ucred peer{};
    socklen_t length = sizeof peer;
    const int asked = ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &length);
    return asked == 0 && (peer.uid == 0 || peer.uid == ::geteuid());
}

enum class Found { nothing, dead_socket, live_socket, other_file };

// Only a connection that is refused shows that nobody listens. Where it may not be tried, or would
// have to wait because many wait already, somebody does.
Found look_at(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return Found::nothing;
    if (!S_ISSOCK(status.st_mode)) return Found::other_file;
    asio::io_context context{1};
    LocalSocket socket{context};
    ErrorCode error;
    socket.open(Local{}, error);
    if (!error) socket.native_non_blocking(true, error);
    if (!error) socket.connect(Local::endpoint{path.string()}, error);
    return error == asio::error::connection_refused ? Found::dead_socket : Found::live_socket;
}

}  // namespace

class LocalServer::Impl {
 public:
    Impl(const Parts& parts, LocalServerOptions options)
        : options_{std::move(options)},
          thread_{parts.thread},
          handler_{parts.handler},
          metrics_{parts.metrics, options_.name},
          acceptor_{thread_.context()},
          ticker_{thread_.context()} {}

    Result<void, Complaint> start();
    bool stop();

 private:
    ErrorCode bind();
    Task<void> accept_loop();
    Task<void> tick_loop();
    void take(LocalSocket socket);
    void begin_stop();
    void connection_closed();

    const LocalServerOptions options_;
    const AddressList nobody_{};  // no proxy is trusted: none can be in between
    IoThread& thread_;
    HttpHandler& handler_;
    ServerMetrics metrics_;
    Local::acceptor acceptor_;
    asio::steady_timer ticker_;
    SessionList sessions_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable drained_;
    // The accept loop counts as well: one that ends has first given what it accepted a session.
    std::size_t open_ = 0;
};

Result<void, Complaint> LocalServer::Impl::start() {
    const std::filesystem::path& path = options_.path;
    if (path.native().size() > kPathBytesMax) {
        return cannot_listen(path, "the path is too long for a socket");
    }
    switch (look_at(path)) {
        case Found::nothing: break;
        case Found::dead_socket: ::unlink(path.c_str()); break;
        case Found::live_socket: return cannot_listen(path, "another postern answers there");
        case Found::other_file: return cannot_listen(path, "there is a file that is no socket");
    }
    if (const ErrorCode error = bind()) return cannot_listen(path, error.message());
    open_ = 1;  // nobody else knows of it yet
    asio::co_spawn(thread_.context(), accept_loop(), [this](std::exception_ptr failure) {
        log::failure("control.accept_loop_failed", failure);
        connection_closed();
    });
    asio::co_spawn(thread_.context(), tick_loop(), [](std::exception_ptr failure) {
        log::failure("control.tick_loop_failed", failure);
    });
    return {};
}

// The file is made with the socket's mode. Changed afterwards, by its name, it could be another
// file's, where others may write to the folder.
ErrorCode LocalServer::Impl::bind() {
    ErrorCode error;
    acceptor_.open(Local{}, error);
    if (!error && ::fchmod(acceptor_.native_handle(), kSocketMode) != 0) {
        error = ErrorCode{errno, boost::system::generic_category()};
    }
    if (!error) acceptor_.bind(Local::endpoint{options_.path.string()}, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    return error;
}

Task<void> LocalServer::Impl::tick_loop() {
    for (;;) {
        ticker_.expires_after(kTick);
        const auto [error] = co_await ticker_.async_wait(kAwaitTuple);
        if (error) co_return;
        sessions_.tick();
        handler_.tick(thread_);
    }
}

Task<void> LocalServer::Impl::accept_loop() {
    while (acceptor_.is_open()) {
        LocalSocket socket{thread_.context()};
        const auto [error] = co_await acceptor_.async_accept(socket, kAwaitTuple);
        if (!error) {
            take(std::move(socket));
            continue;
        }
        if (!acceptor_.is_open()) co_return;
        metrics_.accept_errors.add();
        // Out of file descriptors or memory: trying again at once would only spin.
        asio::steady_timer pause{thread_.context(), kPauseAfterAcceptError};
        const auto [pause_error] = co_await pause.async_wait(kAwaitTuple);
        if (pause_error) co_return;
    }
}

void LocalServer::Impl::take(LocalSocket socket) {
    std::unique_lock lock{mutex_};
    const std::size_t sessions = open_ - 1;  // beside the accept loop
    if (sessions >= options_.limits.connections_max || !may_speak(socket)) {
        lock.unlock();
        return metrics_.connections_refused.add();
    }
    ++open_;
    lock.unlock();
    metrics_.connections_accepted.add();
    metrics_.connections.add(1);
    ErrorCode ignored;  // a socket that cannot do this cannot be read either
    socket.non_blocking(true, ignored);
    const SessionSurroundings surroundings{
        options_.limits, nobody_, ProxyProtocol::off, handler_, metrics_, thread_};
    asio::co_spawn(
        thread_.context(),
        serve_local(std::move(socket), sessions_, surroundings),
        [this](std::exception_ptr failure) {
            if (failure) metrics_.exceptions.add();
            log::failure("control.session_failed", failure);
            metrics_.connections.add(-1);
            connection_closed();
        }
    );
}

void LocalServer::Impl::connection_closed() {
    const std::lock_guard lock{mutex_};
    --open_;
    if (open_ == 0) drained_.notify_all();
}

void LocalServer::Impl::begin_stop() {
    ErrorCode ignored;  // what cannot be closed is closed
    acceptor_.close(ignored);
    sessions_.begin_stop();
}

bool LocalServer::Impl::stop() {
    ::unlink(options_.path.c_str());
    asio::post(thread_.context(), [this] { begin_stop(); });
    std::unique_lock lock{mutex_};
    const auto none_left = [this] {
        return open_ == 0;
    };
    if (drained_.wait_for(lock, options_.limits.shutdown_timeout, none_left)) return true;
    asio::post(thread_.context(), [this] { sessions_.cut_all(); });
    drained_.wait_for(lock, options_.limits.linger_timeout, none_left);
    return false;
}

LocalServer::LocalServer(const Parts& parts, LocalServerOptions options)
    : impl_{std::make_unique<Impl>(parts, std::move(options))} {}

LocalServer::~LocalServer() = default;

Result<void, Complaint> LocalServer::start() {
    return impl_->start();
}

bool LocalServer::stop() {
    return impl_->stop();
}

}  // namespace postern::net
