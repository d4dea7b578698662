#pragma once

#include "net/runtime.hpp"
#include "net/task.hpp"
#include "redis/reply.hpp"
#include "redis/script.hpp"
#include "redis/url.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace postern::redis {

// Commands to one Redis, however it is set up, from one io thread. All that is asked in one turn of
// the loop leaves together. Connections are made and made again by themselves, with back-off.
//
// Everything is called on the io thread, or while its loop does not run. Whoever asks is answered
// in a later turn, within the command's time; while nothing is connected, at once with `down`. Only
// what is asked while the very first connection is made waits for it.
class Client {
 public:
    Client(net::IoThread& thread, Options options);
    ~Client();  // stops it
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void start();
    // Ends the connections and answers `down` to whoever waits, from within. Once, for good.
    void stop();

    // `key` says which server of a cluster; empty: any.
    net::Task<Answer> call(std::string key, std::vector<std::string> command);
    // At least one key; in a cluster all in one slot.
    net::Task<Answer>
    run(const Script& script, std::vector<std::string> keys, std::vector<std::string> arguments);

    using OnMessage = std::function<void(std::string_view message)>;
    // For good, on a connection of its own that is made again when it is lost. Messages of the time
    // between are lost, which on_up() tells.
    void subscribe(std::string channel, OnMessage on_message);
    net::Task<Answer> publish(std::string channel, std::string message);

    bool is_up() const;
    // Why it is not up, in words for people and without secrets; empty when it is.
    std::string why_down() const;
    // Told after each new connection, for commands or for messages.
    void on_up(std::function<void()> tell);

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  // shared with what waits for an answer
};

}  // namespace postern::redis
