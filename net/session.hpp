#pragma once

#include "net/address.hpp"
#include "net/connection_ledger.hpp"
#include "net/http_server.hpp"
#include "net/limits.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// Private to net/: what a listener and its sessions know of each other.
namespace postern::net {

using Steady = std::chrono::steady_clock;

struct ServerMetrics {
    ServerMetrics(MetricRegistry& registry, const std::string& listener);
    // Only who has a certificate shows when it expires, in Unix seconds.
    void show_certificate(std::int64_t expires_at);

    MetricRegistry& registry;
    const std::string listener;
    Gauge connections;
    Counter connections_accepted;
    Counter connections_refused;
    Counter accept_errors;
    Counter tls_handshakes;
    Counter tls_errors;
    Counter requests;
    Counter refusals;
    Counter timeouts;
    Counter exceptions;
};

struct SessionSurroundings {
    const HttpLimits& limits;
    const AddressList& trusted_proxies;
    ProxyProtocol proxy_protocol;
    HttpHandler& handler;
    ServerMetrics& metrics;
    IoThread& thread;
};

class Session;

// The sessions of one io thread, and its coarse clock: deadlines are looked at a few times a
// second, which costs a busy connection nothing.
class SessionList {
 public:
    void add(Session& session);
    void remove(Session& session);
    void tick();
    void begin_stop();
    void cut_all();
    bool stopping() const { return stopping_; }
    Steady::time_point now() const { return now_; }
    // A body over the usual limit needs a place while it is in memory.
    bool take_large_body(int large_bodies_max);
    void give_back_large_body() { --large_bodies_; }
    std::string_view date();  // for the Date field, made once a second

 private:
    std::vector<Session*> sessions_;
    Steady::time_point now_ = Steady::now();
    std::string date_;
    std::int64_t date_second_ = 0;
    int large_bodies_ = 0;
    bool stopping_ = false;
};

// The place of one large body, given back at the end.
class LargeBody {
 public:
    explicit LargeBody(SessionList& list) : list_{list} {}
    LargeBody(const LargeBody&) = delete;
    LargeBody& operator=(const LargeBody&) = delete;
    ~LargeBody() {
        if (taken_) list_.give_back_large_body();
    }
    bool take(int large_bodies_max) { return taken_ = list_.take_large_body(large_bodies_max); }

 private:
    SessionList& list_;
    bool taken_ = false;
};

// fresh: connected, and nothing said yet; idle: served, and waiting for the next request.
enum class Phase : std::uint8_t {
    handshake,
    fresh,
    idle,
    head,
    body,
    handling,
    writing,
    lingering
};

// The part of a session that its thread's sweep sees.
class Session {
 public:
    virtual ~Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void check_deadline(Steady::time_point now);
    void begin_stop();
    virtual void cancel_io() = 0;
    virtual void cut() = 0;

 protected:
    explicit Session(SessionList& list) : list_{list} {}

    void enter(Phase phase, std::chrono::milliseconds timeout);
    void enter_fresh(const HttpLimits& limits);
    void enter_idle(const HttpLimits& limits);
    bool expired() const { return expired_; }

    SessionList& list_;
    Phase phase_ = Phase::idle;
    std::size_t body_bytes_received_ = 0;
    std::size_t body_rate_min_ = 0;
    std::chrono::milliseconds body_rate_grace_{0};
    std::chrono::milliseconds fresh_grace_{0};

 private:
    friend class SessionList;
    Steady::time_point phase_since_;
    Steady::time_point deadline_ = Steady::time_point::max();
    bool expired_ = false;
    std::size_t place_ = 0;
};

struct AcceptedConnection {
    asio::ip::tcp::socket socket;
    IpAddress peer;
};

Task<void>
serve_http(AcceptedConnection connection, SessionList& list, SessionSurroundings surroundings);

// Opaque so that only the TLS session's source sees OpenSSL's streams.
class TlsContext;
Result<std::shared_ptr<TlsContext>, Complaint> make_tls_context(const TlsFiles& files);
// When its own certificate expires, in Unix seconds.
std::int64_t certificate_expires_at(TlsContext& tls);

Task<void> serve_https(
    AcceptedConnection connection,
    SessionList& list,
    SessionSurroundings surroundings,
    std::shared_ptr<TlsContext> tls
);

}  // namespace postern::net
