#pragma once

#include "core/http_message.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "net/address.hpp"
#include "net/limits.hpp"
#include "net/proxy_protocol.hpp"
#include "net/runtime.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

// What stands behind a listener. Called on the connection's io thread; the request's views are
// valid until the returned task ends.
class HttpHandler {
 public:
    virtual ~HttpHandler() = default;

    // Asked when the head is read and the body is not: an answer here sheds the request before it
    // costs anything, and closes the connection if there is a body to come.
    virtual std::optional<HttpReply>
    refuse_early(std::string_view method, std::string_view path) = 0;
    // How large a body may be that is announced for this path; 0: as large as the listener takes
    // everywhere. Only a few larger ones are in memory at a time.
    virtual std::size_t large_body_bytes_max(std::string_view path) const;

    // May this path be asked in clear text by somebody who is not on this machine? Where not, the
    // answer is a refusal with 403, before the body is read.
    virtual bool demands_tls(std::string_view) const { return false; }
    virtual Task<HttpReply> handle(const HttpRequest& request, IoThread& thread) = 0;

    // A few times a second on every io thread: for deadlines of the handler's own.
    virtual void tick(IoThread& thread);

    // The listener's own refusals (bad framing, limits, timeouts) in the words of this face. `seen`
    // is what was read of the request, never its body: perhaps nothing, the start of a target that
    // is too long, and fields only of a head that was read whole.
    virtual HttpReply refusal(int status, const HttpRequest& seen) = 0;
};

struct TlsFiles {
    std::string certificate_file;
    std::string key_file;
    enum class MinVersion { v1_2, v1_3 } min_version = MinVersion::v1_2;
};

struct ServerOptions {
    std::string name;     // in logs and metrics: public, private, tls
    std::string address;  // "127.0.0.1:8080", "[::1]:0"; port 0 lets the system choose
    HttpLimits limits;
    AddressList trusted_proxies;
    ProxyProtocol proxy_protocol = ProxyProtocol::off;
    std::optional<TlsFiles> tls;
    // Sockets that listen already and belong to whoever started us. They take the address's place.
    std::vector<int> inherited;
};

// What a connection is served by: limits, trusted proxies, certificate.
struct ServerTerms;
// Reads the certificate files. Of the options, name and addresses do not matter here.
Result<std::shared_ptr<const ServerTerms>, Complaint> make_server_terms(const ServerOptions& options
);

class HttpServer {
 public:
    HttpServer(
        Runtime& runtime,
        ServerOptions options,
        HttpHandler& handler,
        MetricRegistry& metrics
    );
    ~HttpServer();

    // Binds on every io thread and begins to accept. The address really bound, or why not.
    Result<std::string, Complaint> start();

    // For the connections that come from here on; those that are open keep what they have.
    void adopt(std::shared_ptr<const ServerTerms> terms);

    // Takes what waits in the backlog, unless the sockets are inherited, then stops listening; open
    // connections finish what they have read and close. True when all are gone in time; false when
    // some had to be cut.
    bool stop();

 private:
    struct Shared;
    class Lane;  // one io thread's share of the listener
    Result<void, Complaint> open_sockets();

    Runtime& runtime_;
    std::unique_ptr<Shared> shared_;
    std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace postern::net
