#include "net/http_server.hpp"

#include "core/log.hpp"
#include "net/endpoint.hpp"
#include "net/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace postern::net {

using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::milliseconds kPauseAfterAcceptError{100};

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

IpAddress to_ip_address(const asio::ip::address& address) {
    IpAddress ip;
    if (address.is_v6()) {
        const auto bytes = address.to_v6().to_bytes();
        std::copy(bytes.begin(), bytes.end(), ip.bytes.begin());
        return ip;
    }
    const auto bytes = address.to_v4().to_bytes();
    ip.bytes[10] = 0xff;
    ip.bytes[11] = 0xff;
    std::copy(bytes.begin(), bytes.end(), ip.bytes.begin() + 12);
    return ip;
}

std::string to_text(const Tcp::endpoint& endpoint) {
    std::string text;
    const bool v6 = endpoint.address().is_v6();
    if (v6) text += '[';
    text += endpoint.address().to_string();
    if (v6) text += ']';
    text += ':';
    text += std::to_string(endpoint.port());
    return text;
}

Complaint cannot_listen(std::string_view address, std::string_view why) {
    std::string message = "cannot listen on ";
    message += address;
    message += ": ";
    message += why;
    return Complaint{std::move(message)};
}

void log_failure(std::string_view event, const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& exception) {
        log::error(event, {{"what", exception.what()}});
    }
}

}  // namespace

struct HttpServer::Shared {
    Shared(ServerOptions wanted, HttpHandler& the_handler, MetricRegistry& registry)
        : options{std::move(wanted)},
          handler{the_handler},
          metrics{registry, options.name},
          ledger{options.limits.connections_max, options.limits.connections_per_address_max} {}

    std::shared_ptr<TlsContext> current_tls() {
        const std::lock_guard lock{mutex};
        return tls;
    }

    void connection_closed() {
        const std::lock_guard lock{mutex};
        --sessions;
        if (sessions == 0) drained.notify_all();
    }

    const ServerOptions options;
    HttpHandler& handler;
    ServerMetrics metrics;
    ConnectionLedger ledger;

    std::mutex mutex;
    std::condition_variable drained;
    std::size_t sessions = 0;
    std::shared_ptr<TlsContext> tls;
};

class HttpServer::Lane {
 public:
    Lane(Shared& shared, IoThread& thread)
        : shared_{shared},
          thread_{thread},
          acceptor_{thread.context()},
          ticker_{thread.context()} {}

    ErrorCode bind(const Tcp::endpoint& endpoint);
    Tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
    void start();
    void begin_stop();
    void cut_all() { sessions_.cut_all(); }
    IoThread& thread() { return thread_; }

 private:
    Task<void> accept_loop();
    Task<void> tick_loop();
    Task<void> serve(Tcp::socket socket);
    void take(Tcp::socket socket);
    void take_backlog();
    void turn_away(Tcp::socket& socket);
    AddressCap cap_for(const IpAddress& peer) const;

    Shared& shared_;
    IoThread& thread_;
    Tcp::acceptor acceptor_;
    asio::steady_timer ticker_;
    SessionList sessions_;
};

ErrorCode HttpServer::Lane::bind(const Tcp::endpoint& endpoint) {
    ErrorCode error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address{true}, error);
    if (!error) acceptor_.set_option(ReusePort{true}, error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor_.non_blocking(true, error);
    return error;
}

void HttpServer::Lane::start() {
    asio::co_spawn(thread_.context(), accept_loop(), [](std::exception_ptr failure) {
        log_failure("http.accept_loop_failed", failure);
    });
    asio::co_spawn(thread_.context(), tick_loop(), [](std::exception_ptr failure) {
        log_failure("http.tick_loop_failed", failure);
    });
}

Task<void> HttpServer::Lane::tick_loop() {
    for (;;) {
        ticker_.expires_after(kTick);
        const auto [error] = co_await ticker_.async_wait(kAwaitTuple);
        if (error) co_return;
        sessions_.tick();
        shared_.handler.tick(thread_);
    }
}

Task<void> HttpServer::Lane::accept_loop() {
    while (acceptor_.is_open()) {
        Tcp::socket socket{thread_.context()};
        const auto [error] = co_await acceptor_.async_accept(socket, kAwaitTuple);
        if (!error) {
            take(std::move(socket));
            continue;
        }
        if (!acceptor_.is_open()) co_return;
        shared_.metrics.accept_errors.add();
        // Out of file descriptors or memory: trying again at once would only spin.
        asio::steady_timer pause{thread_.context(), kPauseAfterAcceptError};
        const auto [pause_error] = co_await pause.async_wait(kAwaitTuple);
        if (pause_error) co_return;
    }
}

AddressCap HttpServer::Lane::cap_for(const IpAddress& peer) const {
    const bool exempt = peer.is_loopback() || shared_.options.trusted_proxies.contains(peer);
    return exempt ? AddressCap::exempt : AddressCap::applies;
}

// A short 503 tells a provider to come again; silence would look like an outage.
void HttpServer::Lane::turn_away(Tcp::socket& socket) {
    shared_.metrics.connections_refused.add();
    if (shared_.options.tls) return;
    constexpr std::string_view answer =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n";
    ErrorCode ignored;
    socket.non_blocking(true, ignored);
    socket.send(asio::buffer(answer.data(), answer.size()), 0, ignored);
    socket.shutdown(Tcp::socket::shutdown_send, ignored);
}

void HttpServer::Lane::take(Tcp::socket socket) {
    ErrorCode error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;  // gone before we looked
    const IpAddress peer = to_ip_address(remote.address());
    if (shared_.ledger.admit(peer, cap_for(peer)) != Admission::admitted) {
        return turn_away(socket);
    }
    {
        const std::lock_guard lock{shared_.mutex};
        ++shared_.sessions;
    }
    shared_.metrics.connections_accepted.add();
    shared_.metrics.connections.add(1);
    ErrorCode ignored;
    socket.non_blocking(true, ignored);
    socket.set_option(Tcp::no_delay{true}, ignored);
    Shared& shared = shared_;
    const AddressCap cap = cap_for(peer);
    asio::co_spawn(
        thread_.context(),
        serve(std::move(socket)),
        [&shared, peer, cap](std::exception_ptr failure) {
            if (failure) shared.metrics.exceptions.add();
            log_failure("http.session_failed", failure);
            shared.metrics.connections.add(-1);
            shared.ledger.release(peer, cap);
            shared.connection_closed();
        }
    );
}

Task<void> HttpServer::Lane::serve(Tcp::socket socket) {
    ErrorCode error;
    const auto remote = socket.remote_endpoint(error);
    if (error) co_return;
    AcceptedConnection connection{std::move(socket), to_ip_address(remote.address())};
    const ServerOptions& options = shared_.options;
    SessionSurroundings surroundings{
        options.limits,
        options.trusted_proxies,
        options.proxy_protocol,
        shared_.handler,
        shared_.metrics,
        thread_};
    if (options.tls) {
        auto tls = shared_.current_tls();
        co_await serve_https(std::move(connection), sessions_, surroundings, std::move(tls));
    } else {
        co_await serve_http(std::move(connection), sessions_, surroundings);
    }
}

void HttpServer::Lane::take_backlog() {
    for (;;) {
        Tcp::socket socket{thread_.context()};
        ErrorCode error;
        acceptor_.accept(socket, error);
        if (error) return;
        take(std::move(socket));
    }
}

void HttpServer::Lane::begin_stop() {
    ErrorCode ignored;
    if (acceptor_.is_open()) take_backlog();
    acceptor_.close(ignored);
    sessions_.begin_stop();
}

std::size_t HttpHandler::large_body_bytes_max(std::string_view) const {
    return 0;
}

void HttpHandler::tick(IoThread&) {}

HttpServer::HttpServer(
    Runtime& runtime,
    ServerOptions options,
    HttpHandler& handler,
    MetricRegistry& metrics
)
    : runtime_{runtime}, shared_{std::make_unique<Shared>(std::move(options), handler, metrics)} {}

HttpServer::~HttpServer() = default;

Result<void, Complaint> HttpServer::reload_tls() {
    if (!shared_->options.tls) return {};
    auto fresh = make_tls_context(*shared_->options.tls);
    if (!fresh) return fresh.error();
    const std::lock_guard lock{shared_->mutex};
    shared_->tls = std::move(*fresh);
    return {};
}

Result<std::string, Complaint> HttpServer::start() {
    const std::string& address = shared_->options.address;
    const auto parts = split_host_and_port(address);
    if (!parts) return parts.error();
    if (auto loaded = reload_tls(); !loaded) return loaded.error();
    Tcp::resolver resolver{runtime_.thread(0).context()};
    ErrorCode error;
    const auto found = resolver.resolve(parts->host, parts->port, error);
    if (error || found.empty()) return cannot_listen(address, error.message());
    Tcp::endpoint endpoint = found.begin()->endpoint();
    {
        // With SO_REUSEPORT a second daemon would quietly take half of our connections, so ask
        // without it whether somebody is there.
        Tcp::acceptor probe{runtime_.thread(0).context()};
        probe.open(endpoint.protocol(), error);
        if (!error) probe.set_option(Tcp::acceptor::reuse_address{true}, error);
        if (!error) probe.bind(endpoint, error);
        if (!error) probe.listen(1, error);
        if (error) return cannot_listen(address, error.message());
    }
    for (std::size_t i = 0; i < runtime_.size(); ++i) {
        auto lane = std::make_unique<Lane>(*shared_, runtime_.thread(i));
        error = lane->bind(endpoint);
        if (error) return cannot_listen(address, error.message());
        endpoint = lane->endpoint();  // the port the system chose, for the other lanes too
        lanes_.push_back(std::move(lane));
    }
    for (const auto& lane : lanes_) lane->start();
    return Result<std::string, Complaint>{boost::system::in_place_value, to_text(endpoint)};
}

bool HttpServer::stop() {
    {
        // A lane that has not looked at its backlog yet counts as a session.
        const std::lock_guard lock{shared_->mutex};
        shared_->sessions += lanes_.size();
    }
    for (const auto& lane : lanes_) {
        Lane* one = lane.get();
        Shared* shared = shared_.get();
        asio::post(one->thread().context(), [one, shared] {
            one->begin_stop();
            shared->connection_closed();
        });
    }
    std::unique_lock lock{shared_->mutex};
    const auto none_left = [this] {
        return shared_->sessions == 0;
    };
    const bool in_time =
        shared_->drained.wait_for(lock, shared_->options.limits.shutdown_timeout, none_left);
    lock.unlock();
    if (!in_time) {
        for (const auto& lane : lanes_) {
            Lane* one = lane.get();
            asio::post(one->thread().context(), [one] { one->cut_all(); });
        }
        lock.lock();
        shared_->drained.wait_for(lock, shared_->options.limits.linger_timeout, none_left);
    }
    return in_time;
}

}  // namespace postern::net
