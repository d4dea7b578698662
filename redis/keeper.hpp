#pragma once

#include "net/alarm.hpp"
#include "redis/backoff.hpp"
#include "redis/link.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace postern::redis {

// Keeps one connection: when it is lost, another is made, with back-off. Says so in the log once,
// not at each try.
class Keeper final : private Link::Listener {
 public:
    class Owner {
     public:
        // Answered, at once or later, by dial() or not_found().
        virtual void find_server(Keeper& keeper) = 0;
        virtual void keeper_ready(Keeper& keeper) = 0;
        // A connection, or a try at one, ended. The keeper is trying again by itself.
        virtual void keeper_lost(Keeper& keeper) = 0;
        virtual void keeper_message(Keeper& keeper, Reply message) = 0;

     protected:
        ~Owner() = default;
    };
    struct Kind {
        Link::Use use = Link::Use::commands;
        std::string_view purpose;  // for the log; empty: not worth a line
        std::chrono::milliseconds retry_max{2'000};
    };

    Keeper(Surroundings around, Kind kind, Owner& owner);
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    void start();
    void dial(ServerAddress server);
    void not_found(const std::string& reason);
    // Another server is the right one: at once.
    void look_again(const std::string& reason);
    // What kept it from connecting may be over: does not wait for the end of the back-off.
    void hurry();

    // Waits while the first try is under way; after that it is refused where nothing is ready.
    void send(Request request);

    bool is_ready() const { return link_ != nullptr && link_->is_ready(); }
    // Ready, or about to decide whether it is for the first time.
    bool accepts() const { return is_ready() || !was_decided_; }
    ServerAddress server() const { return link_ == nullptr ? ServerAddress{} : link_->server(); }
    const std::string& why_lost() const { return why_lost_; }
    Link* link() { return link_.get(); }

 private:
    enum class Report : std::uint8_t { nothing, connected, lost };

    void link_ready() override;
    void link_lost(const std::string& reason) override;
    void link_message(Reply message) override;

    void try_now();
    void try_later(const std::string& reason);
    void report_lost(const std::string& reason);
    void refuse_early();

    Surroundings around_;
    Kind kind_;
    Owner& owner_;
    Backoff backoff_;
    net::Alarm retry_;
    bool waits_ = false;      // for the alarm
    bool searching_ = false;  // the owner was asked and has not answered
    std::shared_ptr<Link> link_;
    std::chrono::steady_clock::time_point ready_at_;
    bool was_decided_ = false;    // the first try is over
    std::vector<Request> early_;  // until it is known whom to dial at that try
    Report reported_ = Report::nothing;
    std::string why_lost_ = "not connected yet";
};

}  // namespace postern::redis
