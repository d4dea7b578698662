#pragma once

#include "config/changes.hpp"
#include "config/config.hpp"
#include "core/result.hpp"
#include "daemon/sandbox_settings.hpp"
#include "net/http_server.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace postern::daemon {

// Reads the configuration as the start did: the same file, environment and command line.
using ReadConfig = std::function<Result<config::Config, std::vector<Complaint>>()>;

// What keeps a daemon with this configuration from starting, as far as can be told beforehand:
// gateways that cannot be made of it, certificates and keys that are not in order.
std::vector<Complaint> complaints_about(const config::Config& config);

struct ListenerTerms {
    std::shared_ptr<const net::ServerTerms> public_side;
    std::shared_ptr<const net::ServerTerms> private_side;
    std::shared_ptr<const net::ServerTerms> tls_side;  // null: no third address
};

// What of a running daemon can be changed. Nothing here can fail: all was made and checked before.
class Reloadable {
 public:
    virtual ~Reloadable() = default;
    virtual void take_log(const config::Log& wanted) = 0;
    virtual void take_terms(const ListenerTerms& terms) = 0;
    virtual void take_gateway(ResolvedGateway gateway) = 0;
};

// What SIGHUP asks for. The configuration is read and checked as a whole; with a single mistake in
// it everything stays as it is.
class Reloader {
 public:
    struct Parts {
        Reloadable& target;
        config::Config running;
        ReadConfig read;
    };
    explicit Reloader(Parts parts);

    // One sentence that says what came of it. The log says it in full.
    std::string reload();

    const config::Config& running() const { return parts_.running; }

 private:
    struct Ready;
    Result<Ready, std::vector<Complaint>> prepare() const;
    Result<Ready, std::vector<Complaint>> prepare_or_explain() const;
    void take(Ready ready);

    Parts parts_;
};

}  // namespace postern::daemon
