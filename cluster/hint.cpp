#include "cluster/hint.hpp"

#include "net/spawn.hpp"

namespace postern::cluster {

Hint::Hint(Parts parts) : parts_{std::move(parts)} {
    parts_.client.subscribe(parts_.channel, [this](std::string_view) { parts_.on_told(); });
}

// A burst of changes is one hint.
void Hint::tell() {
    if (!on_its_way_.exchange(true)) parts_.thread.mailbox().drop(*this);
}

void Hint::delivered() noexcept {
    on_its_way_.store(false);
    if (parts_.client.is_up()) net::spawn(parts_.thread, publish());
}

net::Task<void> Hint::publish() {
    auto publishing = parts_.client.publish(parts_.channel, "look");
    // Nobody waits for what a hint comes to.
    static_cast<void>(co_await std::move(publishing));
}

}  // namespace postern::cluster
