#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace postern::net {

// One accepted connection of a FakeServer, in the hands of a script. Every call blocks until it is
// done or the server stops.
class FakePeer {
 public:
    FakePeer(int socket, int stop_event) : socket_{socket}, stop_event_{stop_event} {}

    // Head and body of the next request; nullopt when the client is gone.
    std::optional<std::string> read_request();
    std::optional<std::string> read_head();
    std::optional<std::string> read_some();  // whatever arrives next
    bool send(std::string_view bytes);
    void close();
    void reset();
    void wait_for_end();  // until the client closes
    void pause_milliseconds(int count);
    bool stopped();
    bool start_tls(SSL_CTX* context);
    bool session_was_reused() const;
    void end_below_tls();  // without a word of TLS

 private:
    bool receive_more();

    int socket_;
    int stop_event_;
    std::string unread_;
    std::unique_ptr<SSL, void (*)(SSL*)> tls_{nullptr, nullptr};
};

// A server on a port of 127.0.0.1 that the system chose, which does whatever the script says.
class FakeServer {
 public:
    // `number` counts connections from 0.
    using Script = std::function<void(FakePeer& peer, int number)>;

    explicit FakeServer(Script script);
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;
    ~FakeServer();

    std::uint16_t port() const { return port_; }
    int connections();

 private:
    void accept_all();

    Script script_;
    int listener_;
    int stop_event_;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::vector<std::jthread> peers_;
    std::jthread acceptor_;
};

// Answers every request of every connection with the same bytes.
FakeServer::Script answering(std::string answer);

}  // namespace postern::net
