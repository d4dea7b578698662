#pragma once

#include "redis/link.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::redis {

// Which server answers which command: one, the one that sentinels name, or those of a cluster.
class Topology {
 public:
    // What a topology tells its client, from within.
    struct Events {
        std::function<void()> up;       // another connection serves
        std::function<void()> changed;  // messages may have to be heard from another server
    };
    virtual ~Topology() = default;

    virtual void start() = 0;
    // Answers always, in a later turn.
    virtual void send(std::string_view key, Request request) = 0;
    virtual bool is_up() const = 0;
    virtual std::string why_down() const = 0;
    // Where messages are heard and will be said; nothing while nobody knows. `attempt` counts up,
    // so that a server that cannot be reached is not chosen again and again.
    virtual std::optional<ServerAddress> server_for_messages(std::size_t attempt) const = 0;
    // Whether messages are still heard from that one.
    virtual bool serves_messages(const ServerAddress& server) const = 0;
};

std::unique_ptr<Topology> make_topology(const Surroundings& around, Topology::Events events);

}  // namespace postern::redis
