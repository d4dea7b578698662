#include "net/connection_pool.hpp"

#include <algorithm>
#include <functional>

namespace postern::net {
namespace {

// What most requests differ by: a scan compares numbers, and the rest of the key only on a match.
std::size_t hash_of(std::string_view server_name, std::uint16_t port) {
    return std::hash<std::string_view>{}(server_name)*31 + port;
}

bool same_proxy(const std::optional<OutboundProxy>& kept, const OutboundProxy* wanted) {
    if (wanted == nullptr || !kept) return wanted == nullptr && !kept;
    return kept->address == wanted->address && kept->port == wanted->port
           && kept->authorization == wanted->authorization;
}

bool leads_there(const Destination& destination, const OutboundRequest& request) {
    if (destination.port != request.port || destination.server_name != request.server_name
        || destination.tls != request.tls || !same_proxy(destination.proxy, request.proxy)) {
        return false;
    }
    const auto& vetted = request.addresses;
    if (!destination.address) return vetted.empty();
    return std::find(vetted.begin(), vetted.end(), *destination.address) != vetted.end();
}

}  // namespace

bool ConnectionPool::is_fresh(const KeptConnection& kept, Clock::time_point now) const {
    return now - kept.born < limits_->reuse_age_max
           && now - kept.idle_since < limits_->idle_timeout;
}

std::unique_ptr<KeptConnection>
ConnectionPool::take(const OutboundRequest& request, Clock::time_point now) {
    const std::size_t hash = hash_of(request.server_name, request.port);
    for (std::size_t i = idle_.size(); i-- > 0;) {
        if (idle_[i].hash != hash || !leads_there(idle_[i].kept->destination, request)) continue;
        std::unique_ptr<KeptConnection> kept = std::move(idle_[i].kept);
        idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
        if (is_fresh(*kept, now) && kept->connection.is_quiet()) return kept;
    }
    return nullptr;
}

void ConnectionPool::put(std::unique_ptr<KeptConnection> kept, Clock::time_point now) {
    kept->idle_since = now;
    if (!is_fresh(*kept, now)) return;
    const std::size_t hash = hash_of(kept->destination.server_name, kept->destination.port);
    const auto same = std::count_if(idle_.begin(), idle_.end(), [hash](const Idle& idle) {
        return idle.hash == hash;
    });
    if (static_cast<std::size_t>(same) >= limits_->idle_per_destination_max) return;
    if (limits_->idle_connections_max == 0) return;
    if (idle_.size() >= limits_->idle_connections_max) idle_.erase(idle_.begin());
    idle_.push_back({hash, std::move(kept)});
}

void ConnectionPool::sweep(Clock::time_point now) {
    const auto is_done = [this, now](const Idle& idle) {
        return !is_fresh(*idle.kept, now) || !idle.kept->connection.is_quiet();
    };
    idle_.erase(std::remove_if(idle_.begin(), idle_.end(), is_done), idle_.end());
}

}  // namespace postern::net
