#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace postern::redis {

// A real server in a folder of its own, on a free port of 127.0.0.1. Gone with it.
class RedisServer {
 public:
    enum class Program : std::uint8_t { server, sentinel };

    explicit RedisServer(std::vector<std::string> arguments = {});
    RedisServer(Program program, std::string configuration);
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;
    ~RedisServer();

    std::uint16_t port() const { return port_; }
    std::string url(std::string_view user_info = {}) const;

    void kill();
    void start();  // on the same port again
    void freeze();
    void thaw();
    // Reads the log on until the words stand in it that often.
    bool wait_for(std::string_view words, int count = 1);

 private:
    bool try_to_start();
    std::vector<std::string> command_line() const;

    Program program_ = Program::server;
    std::vector<std::string> arguments_;
    std::string configuration_;
    std::string folder_;
    std::uint16_t port_ = 0;
    pid_t process_ = -1;
    int log_ = -1;
    std::string log_text_;
};

std::uint16_t free_port();

}  // namespace postern::redis
