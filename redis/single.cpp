#include "redis/single.hpp"

#include <utility>

namespace postern::redis {

Single::Single(const Surroundings& around, Events events)
    : around_{around},
      events_{std::move(events)},
      keeper_{
          around,
          {.use = Link::Use::commands,
           .purpose = "commands",
           .retry_max = around.options->limits.retry_max},
          *this} {}

void Single::start() {
    keeper_.start();
}

void Single::send(std::string_view, Request request) {
    keeper_.send(std::move(request));
}

bool Single::is_up() const {
    return keeper_.is_ready();
}

std::string Single::why_down() const {
    return keeper_.why_lost();
}

std::optional<ServerAddress> Single::server_for_messages(std::size_t) const {
    return around_.options->servers.front();
}

bool Single::serves_messages(const ServerAddress&) const {
    return true;
}

void Single::find_server(Keeper& keeper) {
    keeper.dial(around_.options->servers.front());
}

void Single::keeper_ready(Keeper&) {
    events_.up();
}

void Single::keeper_lost(Keeper&) {}

void Single::keeper_message(Keeper&, Reply) {}

}  // namespace postern::redis
