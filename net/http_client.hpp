#pragma once

#include "core/http_message.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "net/address.hpp"
#include "net/runtime.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

struct ClientLimits {
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds tls_timeout{5'000};
    std::size_t response_head_bytes_max = 16 * 1024;
    std::size_t response_fields_max = 100;
    std::size_t response_body_bytes_max = 64 * 1024;  // read; more ends the exchange
    std::size_t informational_max = 8;                // 1xx answers before the real one
    std::size_t idle_connections_max = 256;           // in the pool
    std::size_t idle_per_destination_max = 64;
    std::chrono::seconds idle_timeout{30};
    std::chrono::seconds reuse_age_max{60};  // a pooled connection is not used longer than that
};

// Who is trusted, and who we are. Immutable and shared; its address is part of the pool's key, so
// keep one for each set of settings.
class TlsClient {
 public:
    struct Options {
        std::string ca_pem;           // empty: the system's roots
        std::string certificate_pem;  // empty: none
        std::string key_pem;
    };
    static Result<std::shared_ptr<const TlsClient>, Complaint> make(const Options& options);
    ~TlsClient();
    struct Context;
    const Context& context() const { return *context_; }

 private:
    explicit TlsClient(std::unique_ptr<Context> context);
    std::unique_ptr<Context> context_;
};

struct OutboundProxy {
    IpAddress address;
    std::uint16_t port = 0;
    std::string authorization;  // "Basic …"; empty: none
};

// Views must outlive the task.
struct OutboundRequest {
    std::string_view method = "POST";
    std::string_view host_field;   // Host
    std::string_view server_name;  // for SNI and the certificate; an address in text when it is one
    std::uint16_t port = 443;
    std::string_view target;
    // Vetted: only these numbers are dialled, in order, and the connected peer is one of them.
    // Empty with a proxy: the proxy resolves the name.
    std::vector<IpAddress> addresses;
    std::shared_ptr<const TlsClient> tls;  // null: plain
    const OutboundProxy* proxy = nullptr;
    std::string_view header_lines;  // "name: value\r\n" each; Host, Content-Length are ours
    std::string_view body;
    std::chrono::milliseconds timeout{15'000};  // for everything together
    // For the answer's body, once its head is there; the head alone tells what became of the
    // request.
    std::chrono::milliseconds body_timeout{15'000};
    std::size_t body_bytes_kept = 16 * 1024;
};

enum class OutboundError : std::uint8_t {
    none,
    connect_refused,
    connect_failed,  // unreachable, reset while connecting …
    tls_untrusted,   // chain, name or time
    tls_failed,
    timeout,
    connection_lost,  // ended or reset before a whole answer
    response_malformed,
    too_large,
    proxy_failed,
};

struct OutboundPhases {
    std::chrono::microseconds connect{0};
    std::chrono::microseconds tls{0};
    std::chrono::microseconds first_byte{0};
    std::chrono::microseconds total{0};
};

struct OutboundAnswer {
    OutboundError error = OutboundError::none;
    std::string detail;  // for our log: what OpenSSL or the system said
    int status = 0;      // also of an answer whose body failed
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;  // what was kept of it
    OutboundPhases phases;
    std::optional<IpAddress> peer;  // as getpeername() has it
    enum class Connection : std::uint8_t { fresh, pooled } connection = Connection::fresh;

    std::string_view field(std::string_view name) const;  // the first; empty when absent
};

// HTTP/1.1 requests of one io thread, over a pool of kept connections. A pooled connection that
// turns out to be dead before it answered a byte is replaced once. No redirects, no cookies, no
// decoding, no reuse after anything odd.
class HttpClient {
 public:
    HttpClient(IoThread& thread, ClientLimits limits);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    Task<OutboundAnswer> send(const OutboundRequest& request);
    // Ends what is under way with connection_lost and closes the pool. On the io thread.
    void close();
    std::size_t idle_connections() const;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  // shared with what is under way
};

}  // namespace postern::net
