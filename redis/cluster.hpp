#pragma once

#include "net/alarm.hpp"
#include "redis/backoff.hpp"
#include "redis/keeper.hpp"
#include "redis/slots.hpp"
#include "redis/topology.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::redis {

// A cluster: a connection to each master, and each command to the one that has its key. Which that
// is, is asked again whenever an answer or a lost connection says that it may have changed.
class Cluster final : public Topology {
 public:
    Cluster(const Surroundings& around, Events events);
    ~Cluster() override;
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    void start() override;
    void send(std::string_view key, Request request) override;
    bool is_up() const override;
    std::string why_down() const override;
    std::optional<ServerAddress> server_for_messages(std::size_t attempt) const override;
    bool serves_messages(const ServerAddress& server) const override;

 private:
    using Clock = std::chrono::steady_clock;
    struct Node;
    // A command on its way through the cluster.
    struct Errand {
        std::string bytes;
        OnAnswer on_answer;
        std::optional<std::uint16_t> slot;
        std::size_t redirections = 0;
        Clock::time_point deadline;
    };
    using ErrandPointer = std::shared_ptr<Errand>;
    enum class Manner : std::uint8_t { plain, asking };

    Node& node_at(const ServerAddress& address);
    Node* node_for(const Errand& errand);
    Node* any_node();
    void node_ready(Node& node);
    void node_lost(Node& node);
    std::vector<const Node*> ready_masters() const;

    void send_to_owner(const ErrandPointer& errand);
    void send_to(Node* node, const ErrandPointer& errand, Manner manner);
    void answered(const ErrandPointer& errand, const ServerAddress& from, const Answer& answer);
    void follow(const ErrandPointer& errand, const Redirection& redirection);
    void send_again_later(const ErrandPointer& errand);
    void send_again();

    void refresh_later();
    void refresh();
    void take_map(const ServerAddress& from, const Answer& answer);
    void retire_strangers();
    bool is_settled() const;

    Surroundings around_;
    Events events_;
    SlotMap map_;
    std::map<ServerAddress, std::unique_ptr<Node>> nodes_;
    std::size_t turn_ = 0;  // so that what any may do is not always done by one
    std::string why_down_ = "not connected yet";

    Backoff refresh_backoff_;
    net::Alarm refresh_alarm_;
    bool refresh_waits_ = false;   // for the alarm
    bool refresh_asked_ = false;   // and not answered
    bool refresh_needed_ = false;  // again, after that

    net::Alarm again_alarm_;
    std::vector<ErrandPointer> again_;
    // Answers may come after this is gone, which they see by it.
    std::shared_ptr<const int> alive_ = std::make_shared<const int>();
};

}  // namespace postern::redis
