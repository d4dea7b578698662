#pragma once

#include "net/client_connection.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::net {

// Where a connection leads, and under which settings it was made.
struct Destination {
    std::optional<IpAddress> address;  // empty: a proxy resolved the name
    std::uint16_t port = 0;
    std::string server_name;
    std::shared_ptr<const TlsClient> tls;
    std::optional<OutboundProxy> proxy;
};

struct KeptConnection {
    explicit KeptConnection(asio::io_context& context) : connection{context} {}

    ClientConnection connection;
    Destination destination;
    std::chrono::steady_clock::time_point born;
    std::chrono::steady_clock::time_point idle_since;
};

// Idle connections of one io thread, the longest idle first. A connection serves another request
// only when that request vetted the very address it leads to, for the same name and settings.
class ConnectionPool {
 public:
    using Clock = std::chrono::steady_clock;

    explicit ConnectionPool(const ClientLimits& limits) : limits_{&limits} {}

    // The one used last, which is the likeliest to be alive. nullptr: none fits.
    std::unique_ptr<KeptConnection> take(const OutboundRequest& request, Clock::time_point now);
    void put(std::unique_ptr<KeptConnection> kept, Clock::time_point now);
    // Drops what is too old, has ended or speaks unasked.
    void sweep(Clock::time_point now);
    void clear() { idle_.clear(); }
    std::size_t size() const { return idle_.size(); }

 private:
    struct Idle {
        std::size_t hash = 0;
        std::unique_ptr<KeptConnection> kept;
    };
    bool is_fresh(const KeptConnection& kept, Clock::time_point now) const;

    const ClientLimits* limits_;
    std::vector<Idle> idle_;
};

}  // namespace postern::net
