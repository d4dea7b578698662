#include "redis/cluster.hpp"

#include <algorithm>
#include <utility>

namespace postern::redis {
namespace {

// While the keys of one command are on two servers, because their slot is being moved.
constexpr std::chrono::milliseconds kAgainAfter{50};

Failure down(std::string reason) {
    return {Failure::Kind::down, std::move(reason)};
}

}  // namespace

struct Cluster::Node final : Keeper::Owner {
    Node(Cluster& cluster_of_it, ServerAddress address_of_it)
        : cluster{cluster_of_it},
          address{std::move(address_of_it)},
          keeper{
              cluster.around_,
              {.use = Link::Use::commands,
               .purpose = "commands",
               .retry_max = cluster.around_.options->limits.search_max},
              *this} {}

    void find_server(Keeper&) override { keeper.dial(address); }
    void keeper_ready(Keeper&) override { cluster.node_ready(*this); }
    void keeper_lost(Keeper&) override { cluster.node_lost(*this); }
    void keeper_message(Keeper&, Reply) override {}

    Cluster& cluster;
    ServerAddress address;
    Keeper keeper;
};

Cluster::Cluster(const Surroundings& around, Events events)
    : around_{around},
      events_{std::move(events)},
      refresh_backoff_{
          {.first = around.options->limits.retry_min,
           .longest = around.options->limits.search_max}},
      refresh_alarm_{
          around.thread,
          [this] {
              refresh();
          }},
      again_alarm_{around.thread, [this] {
                       send_again();
                   }} {}

Cluster::~Cluster() {
    alive_.reset();
    for (const ErrandPointer& errand : again_) {
        refuse(*around_.later, errand->on_answer, "the client was stopped");
    }
}

void Cluster::start() {
    for (const ServerAddress& server : around_.options->servers) node_at(server);
}

Cluster::Node& Cluster::node_at(const ServerAddress& address) {
    auto& node = nodes_[address];
    if (node == nullptr) {
        node = std::make_unique<Node>(*this, address);
        node->keeper.start();
    }
    return *node;
}

std::vector<const Cluster::Node*> Cluster::ready_masters() const {
    std::vector<const Node*> ready;
    for (const ServerAddress& master : map_.masters()) {
        const auto found = nodes_.find(master);
        if (found == nodes_.end() || !found->second->keeper.is_ready()) continue;
        ready.push_back(found->second.get());
    }
    return ready;
}

bool Cluster::is_up() const {
    return !ready_masters().empty();
}

std::string Cluster::why_down() const {
    for (const auto& [address, node] : nodes_) {
        if (!node->keeper.is_ready()) return node->keeper.why_lost();
    }
    return why_down_;
}

std::optional<ServerAddress> Cluster::server_for_messages(std::size_t attempt) const {
    const auto ready = ready_masters();
    if (ready.empty()) return std::nullopt;
    return ready[attempt % ready.size()]->address;
}

bool Cluster::serves_messages(const ServerAddress& server) const {
    return map_.empty() || map_.has(server);
}

void Cluster::node_ready(Node& node) {
    if (map_.has(node.address)) events_.up();
    if (map_.empty() || refresh_needed_) refresh_later();
}

void Cluster::node_lost(Node& node) {
    if (map_.has(node.address)) refresh_later();
    // A cluster that was moved as a whole is found again where it was found at first.
    const auto ready = [](const auto& entry) {
        return entry.second->keeper.is_ready();
    };
    if (std::any_of(nodes_.begin(), nodes_.end(), ready)) return;
    around_.later->add([this, alive = std::weak_ptr{alive_}] {
        if (!alive.expired()) start();
    });
}

void Cluster::send(std::string_view key, Request request) {
    auto errand = std::make_shared<Errand>();
    errand->bytes = std::move(request.bytes);
    errand->on_answer = std::move(request.on_answer);
    if (!key.empty()) errand->slot = slot_of(key);
    errand->deadline = Clock::now() + around_.options->limits.command_timeout;
    send_to_owner(errand);
}

// Who does not know the map yet asks anybody, and is told by whom to ask instead.
Cluster::Node* Cluster::node_for(const Errand& errand) {
    const ServerAddress* owner = errand.slot ? map_.owner(*errand.slot) : nullptr;
    if (owner != nullptr) return &node_at(*owner);
    return any_node();
}

Cluster::Node* Cluster::any_node() {
    std::vector<Node*> ready;
    Node* undecided = nullptr;
    for (const auto& [address, node] : nodes_) {
        if (node->keeper.is_ready()) ready.push_back(node.get());
        if (node->keeper.accepts()) undecided = node.get();
    }
    return ready.empty() ? undecided : ready[turn_++ % ready.size()];
}

void Cluster::send_to_owner(const ErrandPointer& errand) {
    send_to(node_for(*errand), errand, Manner::plain);
}

void Cluster::send_to(Node* node, const ErrandPointer& errand, Manner manner) {
    if (node == nullptr || !node->keeper.accepts()) {
        const std::string reason = node == nullptr ? why_down() : node->keeper.why_lost();
        return refuse(*around_.later, errand->on_answer, reason);
    }
    Request request{
        .bytes = errand->bytes,
        .on_answer = [this, alive = std::weak_ptr{alive_}, errand, from = node->address](
                         const Answer& answer
                     ) {
            if (alive.expired()) return errand->on_answer(answer);
            answered(errand, from, answer);
        }};
    Link& link = *node->keeper.link();
    if (manner == Manner::asking) return link.send_asking(std::move(request));
    link.send(std::move(request));
}

void Cluster::answered(
    const ErrandPointer& errand,
    const ServerAddress& from,
    const Answer& answer
) {
    if (answer || answer.error().kind == Failure::Kind::timeout) return errand->on_answer(answer);
    const std::string& reason = answer.error().reason;
    const std::string_view code = error_code(reason);
    if (const auto redirection = parse_redirection(reason, from.host)) {
        return follow(errand, *redirection);
    }
    if (code == "TRYAGAIN" && Clock::now() + kAgainAfter < errand->deadline) {
        return send_again_later(errand);
    }
    if (code == "CLUSTERDOWN") refresh_later();
    errand->on_answer(answer);
}

void Cluster::follow(const ErrandPointer& errand, const Redirection& redirection) {
    const bool moved = redirection.kind == Redirection::Kind::moved;
    if (moved) {
        map_.move(redirection.slot, redirection.server);
        refresh_later();
    }
    const bool too_often = ++errand->redirections > around_.options->limits.redirections_max;
    if (too_often || Clock::now() >= errand->deadline) {
        return errand->on_answer(down("the servers of the cluster send us to each other"));
    }
    Node& node = node_at(redirection.server);
    send_to(&node, errand, moved ? Manner::plain : Manner::asking);
}

void Cluster::send_again_later(const ErrandPointer& errand) {
    errand->redirections = 0;
    again_.push_back(errand);
    if (again_.size() == 1) again_alarm_.set(kAgainAfter);
}

void Cluster::send_again() {
    for (const ErrandPointer& errand : std::exchange(again_, {})) send_to_owner(errand);
}

void Cluster::refresh_later() {
    refresh_needed_ = true;
    if (refresh_waits_ || refresh_asked_) return;
    refresh_waits_ = true;
    // The first answer of a calm cluster is not waited for.
    const bool calm = refresh_backoff_.tries() == 0;
    const auto pause = refresh_backoff_.next();
    refresh_alarm_.set(calm ? std::chrono::milliseconds{0} : pause);
}

void Cluster::refresh() {
    refresh_waits_ = false;
    Node* node = any_node();
    if (node == nullptr || !node->keeper.is_ready()) return;  // whoever is ready first asks again
    refresh_needed_ = false;
    refresh_asked_ = true;
    node->keeper.link()->send(
        {.bytes = encode({"CLUSTER", "SLOTS"}),
         .on_answer =
             [this, alive = std::weak_ptr{alive_}, from = node->address](const Answer& answer) {
                 if (!alive.expired()) take_map(from, answer);
             }}
    );
}

void Cluster::take_map(const ServerAddress& from, const Answer& answer) {
    refresh_asked_ = false;
    if (!answer) {
        why_down_ = answer.error().reason;
        return refresh_later();
    }
    auto map = SlotMap::parse(*answer, from.host);
    if (!map) {
        why_down_ = map.error().message;
        return refresh_later();
    }
    const bool was_up = is_up();
    map_ = *std::move(map);
    for (const ServerAddress& master : map_.masters()) node_at(master);
    retire_strangers();
    if (is_up() && !was_up) events_.up();
    events_.changed();
    if (refresh_needed_ || !is_settled()) return refresh_later();
    refresh_backoff_.reset();
}

bool Cluster::is_settled() const {
    return ready_masters().size() == map_.masters().size();
}

// Those by which the cluster was found, and former masters; not before what they owe is answered.
void Cluster::retire_strangers() {
    if (!is_up()) return;
    for (auto entry = nodes_.begin(); entry != nodes_.end();) {
        Link* link = entry->second->keeper.link();
        const bool owes = link != nullptr && link->owes_answers();
        const bool keep = map_.has(entry->first) || owes;
        entry = keep ? std::next(entry) : nodes_.erase(entry);
    }
}

}  // namespace postern::redis
