#pragma once

#include "redis/keeper.hpp"
#include "redis/listener.hpp"
#include "redis/sentinel_inquiry.hpp"
#include "redis/topology.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace postern::redis {

// One master, which sentinels watch and name. Their word is checked: a server that does not call
// itself master is not used.
class Watched final : public Topology, private Keeper::Owner {
 public:
    Watched(const Surroundings& around, Events events);

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
    void watch(const ServerAddress& sentinel);
    void on_switch(std::string_view message);

    Surroundings around_;
    Events events_;
    SentinelInquiry inquiry_;
    std::optional<ServerAddress> doubtful_;  // the last that was named, and could not be used
    Keeper keeper_;
    std::vector<std::unique_ptr<ChannelListener>> watchers_;
};

}  // namespace postern::redis
