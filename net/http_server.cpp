#include "net/http_server.hpp"

#include "core/log.hpp"
#include "net/listening.hpp"
#include "net/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>

namespace postern::net {

namespace {

constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::milliseconds kPauseAfterAcceptError{100};

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

AddressCap cap_for(const IpAddress& peer, const AddressList& trusted_proxies) {
    const bool exempt = peer.is_loopback() || trusted_proxies.contains(peer);
    return exempt ? AddressCap::exempt : AddressCap::applies;
}

}  // namespace

// Never changed once made: a connection keeps those it began with.
struct ServerTerms {
    HttpLimits limits;
    AddressList trusted_proxies;
    ProxyProtocol proxy_protocol = ProxyProtocol::off;
    std::shared_ptr<TlsContext> tls;  // null: plain HTTP
};

Result<std::shared_ptr<const ServerTerms>, Complaint> make_server_terms(const ServerOptions& options
) {
    auto terms = std::make_shared<ServerTerms>(ServerTerms{
        .limits = options.limits,
        .trusted_proxies = options.trusted_proxies,
        .proxy_protocol = options.proxy_protocol,
        .tls = nullptr});
    if (options.tls) {
        auto tls = make_tls_context(*options.tls);
        if (!tls) return tls.error();
        terms->tls = std::move(*tls);
    }
    return std::shared_ptr<const ServerTerms>{std::move(terms)};
}

struct HttpServer::Shared {
    Shared(ServerOptions wanted, HttpHandler& the_handler, MetricRegistry& registry)
        : options{std::move(wanted)},
          handler{the_handler},
          metrics{registry, options.name},
          ledger{options.limits.connections_max, options.limits.connections_per_address_max} {}

    std::shared_ptr<const ServerTerms> current_terms() {
        const std::lock_guard lock{mutex};
        return terms;
    }

    void connection_opened() {
        const std::lock_guard lock{mutex};
        ++sessions;
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
    // The accept loops count as well: one that ends has first given what it accepted a session.
    std::size_t sessions = 0;
    std::shared_ptr<const ServerTerms> terms;
};

class HttpServer::Lane {
 public:
    Lane(Shared& shared, IoThread& thread)
        : shared_{shared}, thread_{thread}, ticker_{thread.context()} {}

    ErrorCode bind(const Tcp::endpoint& endpoint);
    ErrorCode inherit(int descriptor);
    Tcp::endpoint endpoint() const { return acceptors_.front().local_endpoint(); }
    void start();
    void begin_stop();
    void cut_all() { sessions_.cut_all(); }
    IoThread& thread() { return thread_; }

 private:
    Task<void> accept_loop(Tcp::acceptor& acceptor);
    Task<void> tick_loop();
    Task<void> serve(Tcp::socket socket, std::shared_ptr<const ServerTerms> terms);
    void take(Tcp::socket socket);
    void take_backlog(Tcp::acceptor& acceptor);
    void turn_away(Tcp::socket& socket, const ServerTerms& terms);

    Shared& shared_;
    IoThread& thread_;
    std::list<Tcp::acceptor> acceptors_;
    asio::steady_timer ticker_;
    SessionList sessions_;
};

ErrorCode HttpServer::Lane::bind(const Tcp::endpoint& endpoint) {
    return bind_shared(acceptors_.emplace_back(thread_.context()), endpoint);
}

ErrorCode HttpServer::Lane::inherit(int descriptor) {
    return take_over(acceptors_.emplace_back(thread_.context()), descriptor);
}

void HttpServer::Lane::start() {
    Shared& shared = shared_;
    for (Tcp::acceptor& acceptor : acceptors_) {
        shared_.connection_opened();
        asio::co_spawn(
            thread_.context(),
            accept_loop(acceptor),
            [&shared](std::exception_ptr failure) {
                log::failure("http.accept_loop_failed", failure);
                shared.connection_closed();
            }
        );
    }
    asio::co_spawn(thread_.context(), tick_loop(), [](std::exception_ptr failure) {
        log::failure("http.tick_loop_failed", failure);
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

Task<void> HttpServer::Lane::accept_loop(Tcp::acceptor& acceptor) {
    while (acceptor.is_open()) {
        Tcp::socket socket{thread_.context()};
        const auto [error] = co_await acceptor.async_accept(socket, kAwaitTuple);
        if (!error) {
            take(std::move(socket));
            continue;
        }
        if (!acceptor.is_open()) co_return;
        shared_.metrics.accept_errors.add();
        // Out of file descriptors or memory: trying again at once would only spin.
        asio::steady_timer pause{thread_.context(), kPauseAfterAcceptError};
        const auto [pause_error] = co_await pause.async_wait(kAwaitTuple);
        if (pause_error) co_return;
    }
}

// A short 503 tells a provider to come again; silence would look like an outage.
void HttpServer::Lane::turn_away(Tcp::socket& socket, const ServerTerms& terms) {
    shared_.metrics.connections_refused.add();
    if (terms.tls != nullptr) return;
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
    auto terms = shared_.current_terms();
    const AddressCap cap = cap_for(peer, terms->trusted_proxies);
    if (shared_.ledger.admit(peer, cap) != Admission::admitted) {
        return turn_away(socket, *terms);
    }
    shared_.connection_opened();
    shared_.metrics.connections_accepted.add();
    shared_.metrics.connections.add(1);
    ErrorCode ignored;
    socket.non_blocking(true, ignored);
    socket.set_option(Tcp::no_delay{true}, ignored);
    Shared& shared = shared_;
    asio::co_spawn(
        thread_.context(),
        serve(std::move(socket), std::move(terms)),
        [&shared, peer, cap](std::exception_ptr failure) {
            if (failure) shared.metrics.exceptions.add();
            log::failure("http.session_failed", failure);
            shared.metrics.connections.add(-1);
            shared.ledger.release(peer, cap);
            shared.connection_closed();
        }
    );
}

Task<void> HttpServer::Lane::serve(Tcp::socket socket, std::shared_ptr<const ServerTerms> terms) {
    ErrorCode error;
    const auto remote = socket.remote_endpoint(error);
    if (error) co_return;
    AcceptedConnection connection{std::move(socket), to_ip_address(remote.address())};
    SessionSurroundings surroundings{
        terms->limits,
        terms->trusted_proxies,
        terms->proxy_protocol,
        shared_.handler,
        shared_.metrics,
        thread_};
    if (terms->tls != nullptr) {
        auto tls = terms->tls;
        co_await serve_https(std::move(connection), sessions_, surroundings, std::move(tls));
    } else {
        co_await serve_http(std::move(connection), sessions_, surroundings);
    }
}

void HttpServer::Lane::take_backlog(Tcp::acceptor& acceptor) {
    for (;;) {
        Tcp::socket socket{thread_.context()};
        ErrorCode error;
        acceptor.accept(socket, error);
        if (error) return;
        take(std::move(socket));
    }
}

// Closing a socket of our own refuses all who wait in it, so they are taken first. Who waits in an
// inherited one is the next daemon's.
void HttpServer::Lane::begin_stop() {
    ErrorCode ignored;
    for (Tcp::acceptor& acceptor : acceptors_) {
        if (acceptor.is_open() && shared_.options.inherited.empty()) take_backlog(acceptor);
        acceptor.close(ignored);
    }
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

void HttpServer::adopt(std::shared_ptr<const ServerTerms> terms) {
    shared_->ledger.set_bounds(
        {.connections_max = terms->limits.connections_max,
         .per_address_max = terms->limits.connections_per_address_max}
    );
    if (terms->tls) shared_->metrics.show_certificate(certificate_expires_at(*terms->tls));
    const std::lock_guard lock{shared_->mutex};
    shared_->terms = std::move(terms);
}

Result<void, Complaint> HttpServer::open_sockets() {
    const ServerOptions& options = shared_->options;
    for (std::size_t i = 0; i < runtime_.size(); ++i) {
        lanes_.push_back(std::make_unique<Lane>(*shared_, runtime_.thread(i)));
    }
    for (const int descriptor : options.inherited) {
        for (const auto& lane : lanes_) {
            const ErrorCode error = lane->inherit(descriptor);
            if (error) return cannot_listen(options.name, error.message());
        }
    }
    if (!options.inherited.empty()) return {};
    const auto found = find_free_endpoint(options.address);
    if (!found) return found.error();
    Tcp::endpoint endpoint = *found;
    for (const auto& lane : lanes_) {
        const ErrorCode error = lane->bind(endpoint);
        if (error) return cannot_listen(options.address, error.message());
        endpoint = lane->endpoint();  // the port the system chose, for the other lanes too
    }
    return {};
}

Result<std::string, Complaint> HttpServer::start() {
    auto terms = make_server_terms(shared_->options);
    if (!terms) return terms.error();
    adopt(std::move(*terms));
    if (const auto opened = open_sockets(); !opened) return opened.error();
    for (const auto& lane : lanes_) lane->start();
    return Result<std::string, Complaint>{
        boost::system::in_place_value, to_text(lanes_.front()->endpoint())};
}

bool HttpServer::stop() {
    const auto terms = shared_->current_terms();
    for (const auto& lane : lanes_) {
        Lane* one = lane.get();
        asio::post(one->thread().context(), [one] { one->begin_stop(); });
    }
    std::unique_lock lock{shared_->mutex};
    const auto none_left = [this] {
        return shared_->sessions == 0;
    };
    const bool in_time = shared_->drained.wait_for(lock, terms->limits.shutdown_timeout, none_left);
    lock.unlock();
    if (!in_time) {
        for (const auto& lane : lanes_) {
            Lane* one = lane.get();
            asio::post(one->thread().context(), [one] { one->cut_all(); });
        }
        lock.lock();
        shared_->drained.wait_for(lock, terms->limits.linger_timeout, none_left);
    }
    return in_time;
}

}  // namespace postern::net
