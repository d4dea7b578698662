#include "tests/unit/redis/redis_server.hpp"

#include "core/assert.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <random>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace postern::redis {
namespace {

constexpr int kTriesMax = 10;  // somebody else may take the port between our look and the start

// Below the ports that the system gives to whoever connects, which would take the port of a server
// that is stopped. A cluster's servers talk to each other on the port 10000 above.
constexpr std::uint16_t kFirstPort = 12'000;
constexpr std::uint16_t kLastPort = 22'000;

std::string new_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "postern-redis-XXXXXX").string();
    POSTERN_ASSERT(::mkdtemp(name.data()) != nullptr);
    return name;
}

int count_of(std::string_view words, std::string_view text) {
    int count = 0;
    for (auto at = text.find(words); at != text.npos; at = text.find(words, at + 1)) ++count;
    return count;
}

}  // namespace

std::uint16_t free_port() {
    std::random_device random;
    std::uniform_int_distribution<std::uint16_t> ports{kFirstPort, kLastPort};
    for (;;) {
        const std::uint16_t port = ports(random);
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        POSTERN_ASSERT(socket >= 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        const bool is_free = ::bind(socket, generic, sizeof address) == 0;
        ::close(socket);
        if (is_free) return port;
    }
}

RedisServer::RedisServer(std::vector<std::string> arguments)
    : arguments_{std::move(arguments)}, folder_{new_folder()} {
    start();
}

RedisServer::RedisServer(Program program, std::string configuration)
    : program_{program}, configuration_{std::move(configuration)}, folder_{new_folder()} {
    start();
}

RedisServer::~RedisServer() {
    kill();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string RedisServer::url(std::string_view user_info) const {
    std::string text{"redis://"};
    text.append(user_info).append("127.0.0.1:").append(std::to_string(port_));
    return text;
}

std::vector<std::string> RedisServer::command_line() const {
    const bool sentinel = program_ == Program::sentinel;
    std::vector<std::string> words{sentinel ? "redis-sentinel" : "redis-server"};
    if (sentinel) words.push_back(folder_ + "/sentinel.conf");
    for (const std::string& word :
         {std::string{"--port"},
          std::to_string(port_),
          std::string{"--bind"},
          std::string{"127.0.0.1"},
          std::string{"--dir"},
          folder_}) {
        words.push_back(word);
    }
    if (!sentinel) {
        for (const char* word : {"--save", "", "--appendonly", "no"}) words.emplace_back(word);
    }
    words.insert(words.end(), arguments_.begin(), arguments_.end());
    return words;
}

void RedisServer::start() {
    const bool keeps_port = port_ != 0;
    for (int i = 0; i < kTriesMax; ++i) {
        if (!keeps_port) port_ = free_port();
        if (program_ == Program::sentinel) {
            std::ofstream{folder_ + "/sentinel.conf"} << configuration_;
        }
        if (try_to_start()) return;
        kill();
    }
    POSTERN_ASSERT(!"redis-server cannot be started");
}

bool RedisServer::try_to_start() {
    int ends[2];
    POSTERN_ASSERT(::pipe2(ends, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    std::vector<std::string> words = command_line();
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const int failed =
        ::posix_spawnp(&process_, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    POSTERN_ASSERT(failed == 0);
    log_ = ends[0];
    log_text_.clear();
    return wait_for(program_ == Program::sentinel ? "Sentinel ID is" : "Ready to accept");
}

bool RedisServer::wait_for(std::string_view words, int count) {
    char buffer[4096];
    while (count_of(words, log_text_) < count) {
        const ssize_t bytes = ::read(log_, buffer, sizeof buffer);
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes <= 0) return false;
        log_text_.append(buffer, static_cast<std::size_t>(bytes));
    }
    return true;
}

void RedisServer::kill() {
    if (process_ < 0) return;
    ::kill(process_, SIGKILL);
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    ::close(log_);
    log_ = -1;
}

void RedisServer::freeze() {
    ::kill(process_, SIGSTOP);
}

void RedisServer::thaw() {
    ::kill(process_, SIGCONT);
}

}  // namespace postern::redis
