#pragma once

#include "net/alarm.hpp"
#include "net/runtime.hpp"
#include "redis/later.hpp"
#include "redis/reply.hpp"
#include "redis/resp.hpp"
#include "redis/url.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::redis {

using OnAnswer = std::function<void(Answer)>;

struct Request {
    std::string bytes;  // one command, encoded
    OnAnswer on_answer;
};

// Answers in a later turn that there is nobody to ask.
void refuse(Later& later, OnAnswer on_answer, std::string reason);

// What a connection needs to know of its client.
struct Surroundings {
    net::IoThread& thread;
    std::shared_ptr<Later> later;
    std::shared_ptr<const Options> options;
};

// One connection, once: it is dialled, greets, serves and ends, and is never used again. Requests
// that come before the greeting is over wait for it. Only for its io thread.
class Link : public std::enable_shared_from_this<Link> {
 public:
    // Told from within; may do anything but destroy itself.
    class Listener {
     public:
        virtual void link_ready() = 0;
        virtual void link_lost(const std::string& reason) = 0;  // the last that is told
        virtual void link_message(Reply message) = 0;

     protected:
        ~Listener() = default;
    };
    enum class Use : std::uint8_t {
        commands,
        master_commands,  // of a server that must be a master
        messages,
        sentinel,  // asked something; has other credentials and no databases
        sentinel_messages,
    };
    struct Dial {
        ServerAddress server;
        Use use = Use::commands;
        std::size_t attempt = 0;  // of several addresses of a name, begin with another each time
    };

    static std::shared_ptr<Link> open(Surroundings around, Dial dial, Listener& listener);
    explicit Link(Surroundings around, Dial dial, Listener& listener);

    const ServerAddress& server() const { return dial_.server; }
    bool is_ready() const { return state_ == State::ready; }

    bool owes_answers() const { return !pending_.empty() || !held_.empty(); }

    void send(Request request);
    // Sent as one, in this order; the first one's answer is of no interest.
    void send_asking(Request request);
    void lose(const std::string& reason);  // ends it and tells
    void drop();                           // ends it without telling the listener

 private:
    using Clock = std::chrono::steady_clock;
    using Tcp = net::asio::ip::tcp;
    using Socket = net::asio::basic_stream_socket<Tcp, net::Executor>;
    using Resolver = net::asio::ip::basic_resolver<Tcp, net::Executor>;
    using Error = boost::system::error_code;

    enum class State : std::uint8_t { connecting, greeting, ready, ended };
    // Whose question it is: somebody else's, or one of ours.
    enum class Topic : std::uint8_t {
        request,
        authentication,
        database,
        name,
        probe,
        ping,
        asking
    };
    struct Pending {
        Topic topic = Topic::request;
        OnAnswer on_answer;
        Clock::time_point deadline;
    };

    void start();
    void resolve();
    void connect_next(const Error& before);
    void connected();
    void greet();
    void ask_own(Topic topic, const std::vector<std::string>& command);
    bool is_to_sentinel() const;

    void enqueue(Pending pending, std::string_view bytes);
    void schedule_flush();
    void flush();
    void wait_readable();
    void wait_writable();
    void read_available();
    std::string why_ended(std::string otherwise) const;
    void take_replies();
    void take(Reply reply);
    bool is_message(const Reply& reply) const;
    void greeted(Topic topic, const Reply& reply);
    void answer_probe(const Reply& reply);
    void become_ready();

    void set_alarm(Clock::time_point at);
    void on_alarm();
    void tell(OnAnswer on_answer, Answer answer);
    void end(const std::string& reason);

    Surroundings around_;
    Dial dial_;
    Listener* listener_;
    State state_ = State::connecting;
    Resolver resolver_;
    Socket socket_;
    std::vector<Tcp::endpoint> endpoints_;  // still to be tried, the next one last
    std::optional<net::Alarm> alarm_;
    Clock::time_point alarm_at_ = Clock::time_point::max();
    Clock::time_point greeting_deadline_;
    Clock::time_point heard_at_;

    ReplyReader reader_;
    std::deque<Pending> pending_;  // sent, or about to be
    std::vector<Request> held_;    // until the greeting is over
    std::string output_;
    std::size_t sent_bytes_ = 0;  // of output_
    bool flush_scheduled_ = false;
    bool waits_writable_ = false;
    std::string turned_away_;   // what it said while it greeted
    std::string unfit_reason_;  // what the server said that makes it useless
};

}  // namespace postern::redis
