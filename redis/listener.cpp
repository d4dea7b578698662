#include "redis/listener.hpp"

#include "core/log.hpp"

#include <utility>

namespace postern::redis {

ChannelListener::ChannelListener(const Surroundings& around, Keeper::Kind kind, Finder finder)
    : around_{around}, finder_{std::move(finder)}, keeper_{around, kind, *this} {}

void ChannelListener::start() {
    if (state_ == State::idle) state_ = State::started;
    connect_if_needed();
}

// No connection for nothing, and none before it is known to whom.
void ChannelListener::connect_if_needed() {
    if (state_ != State::started || channels_.empty() || !finder_.server(attempts_)) return;
    state_ = State::connecting;
    keeper_.start();
}

void ChannelListener::subscribe(std::string channel, OnMessage on_message) {
    auto& listeners = channels_[channel];
    listeners.push_back(std::make_shared<const OnMessage>(std::move(on_message)));
    if (listeners.size() == 1 && keeper_.is_ready()) ask_for(channel, {});
    connect_if_needed();
}

void ChannelListener::server_changed() {
    if (state_ != State::connecting) return connect_if_needed();
    if (keeper_.is_ready() && !finder_.serves(keeper_.server())) {
        return keeper_.look_again("another server is to be heard");
    }
    keeper_.hurry();
}

void ChannelListener::find_server(Keeper& keeper) {
    const auto server = finder_.server(attempts_++);
    if (server) return keeper.dial(*server);
    keeper.not_found("no server is known");
}

void ChannelListener::keeper_ready(Keeper&) {
    std::size_t left = channels_.size();
    for (const auto& [channel, listeners] : channels_) {
        // The last answer says that all before it were carried out too.
        ask_for(channel, --left > 0 ? std::function<void()>{} : finder_.heard);
    }
}

void ChannelListener::ask_for(const std::string& channel, std::function<void()> heard) {
    auto on_answer = [channel, heard = std::move(heard)](const Answer& answer) {
        if (answer && heard) heard();
        if (!answer && answer.error().kind == Failure::Kind::refused) {
            log::warn(
                "redis.not_subscribed", {{"channel", channel}, {"why", answer.error().reason}}
            );
        }
    };
    keeper_.link()->send({.bytes = encode({"SUBSCRIBE", channel}), .on_answer = on_answer});
}

void ChannelListener::keeper_lost(Keeper&) {}

void ChannelListener::keeper_message(Keeper&, Reply message) {
    const auto found = channels_.find(message.items[1].text);
    if (found == channels_.end()) return;
    for (const auto& listener : found->second) {
        // Weak: what was stopped meanwhile hears nothing more.
        around_.later->add([weak = std::weak_ptr{listener}, text = message.items[2].text] {
            if (const auto tell = weak.lock()) (*tell)(text);
        });
    }
}

}  // namespace postern::redis
