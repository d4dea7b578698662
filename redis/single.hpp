#pragma once

#include "redis/keeper.hpp"
#include "redis/topology.hpp"

namespace postern::redis {

// One server at one address, which may be a name that comes to mean another.
class Single final : public Topology, private Keeper::Owner {
 public:
    Single(const Surroundings& around, Events events);

    void start() override;
    void send(std::string_view key, Request request) override;
    bool is_up() const override;
    std::string why_down() const override;
    std::optional<ServerAddress> server_for_messages(std::size_t attempt) const override;
    bool serves_messages(const ServerAddress& server) const override;

 private:
    void find_server(Keeper& keeper) override;
    void keeper_ready(Keeper& keeper) override;
    void keeper_lost(Keeper& keeper) override;
    void keeper_message(Keeper& keeper, Reply message) override;

    Surroundings around_;
    Events events_;
    Keeper keeper_;
};

}  // namespace postern::redis
