#pragma once

#include "redis/keeper.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::redis {

// Channels that are heard for good, over a connection of their own.
class ChannelListener final : private Keeper::Owner {
 public:
    using OnMessage = std::function<void(std::string_view message)>;
    struct Finder {
        std::function<std::optional<ServerAddress>(std::size_t attempt)> server;
        std::function<bool(const ServerAddress&)> serves;  // it is still one to be heard
        std::function<void()> heard;                       // all channels are heard, again
    };

    ChannelListener(const Surroundings& around, Keeper::Kind kind, Finder finder);

    void start();
    void subscribe(std::string channel, OnMessage on_message);
    // The server to be heard may be another, or may be back.
    void server_changed();

 private:
    enum class State : std::uint8_t { idle, started, connecting };

    void find_server(Keeper& keeper) override;
    void keeper_ready(Keeper& keeper) override;
    void keeper_lost(Keeper& keeper) override;
    void keeper_message(Keeper& keeper, Reply message) override;
    void connect_if_needed();
    void ask_for(const std::string& channel, std::function<void()> heard);

    Surroundings around_;
    Finder finder_;
    Keeper keeper_;
    std::map<std::string, std::vector<std::shared_ptr<const OnMessage>>, std::less<>> channels_;
    State state_ = State::idle;
    std::size_t attempts_ = 0;
};

}  // namespace postern::redis
