#include "redis/watched.hpp"

#include <utility>

namespace postern::redis {

Watched::Watched(const Surroundings& around, Events events)
    : around_{around},
      events_{std::move(events)},
      inquiry_{around},
      keeper_{
          around,
          {.use = Link::Use::master_commands,
           .purpose = "commands",
           .retry_max = around.options->limits.search_max},
          *this} {
    for (const ServerAddress& sentinel : around_.options->servers) watch(sentinel);
}

// A master that is frozen or cut off from the others looks alive to us: only they can tell.
void Watched::watch(const ServerAddress& sentinel) {
    auto watcher = std::make_unique<ChannelListener>(
        around_,
        Keeper::Kind{
            .use = Link::Use::sentinel_messages,
            .purpose = {},
            .retry_max = around_.options->limits.retry_max},
        ChannelListener::Finder{
            .server = [sentinel](std::size_t) { return std::optional{sentinel}; },
            .serves = [](const ServerAddress&) { return true; },
            .heard = {}}
    );
    watcher->subscribe("+switch-master", [this](std::string_view message) { on_switch(message); });
    watchers_.push_back(std::move(watcher));
}

void Watched::start() {
    keeper_.start();
    for (const auto& watcher : watchers_) watcher->start();
}

void Watched::on_switch(std::string_view message) {
    const auto master = switched_master(message, around_.options->master_name);
    if (!master || (keeper_.is_ready() && keeper_.server() == *master)) return;
    doubtful_ = keeper_.server();
    keeper_.look_again("the sentinels name another master");
}

void Watched::send(std::string_view, Request request) {
    keeper_.send(std::move(request));
}

bool Watched::is_up() const {
    return keeper_.is_ready();
}

std::string Watched::why_down() const {
    return keeper_.why_lost();
}

std::optional<ServerAddress> Watched::server_for_messages(std::size_t) const {
    if (!keeper_.is_ready()) return std::nullopt;
    return keeper_.server();
}

bool Watched::serves_messages(const ServerAddress& server) const {
    return !keeper_.is_ready() || keeper_.server() == server;
}

void Watched::find_server(Keeper&) {
    inquiry_.ask(doubtful_, [this](const Result<ServerAddress, Complaint>& master) {
        if (master) return keeper_.dial(*master);
        keeper_.not_found(master.error().message);
    });
}

void Watched::keeper_ready(Keeper&) {
    doubtful_.reset();
    events_.up();
}

void Watched::keeper_lost(Keeper& keeper) {
    if (keeper.link() != nullptr) doubtful_ = keeper.server();
}

void Watched::keeper_message(Keeper&, Reply) {}

}  // namespace postern::redis
