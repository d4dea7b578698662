// Where deliveries end: answers every POST at once and measures how long ago the provider's webhook
// was sent, which the load generator wrote into the event's id.
//   delivery_sink           prints the port it listens on
//   POST /ok… → 200, POST /fail… → 500, GET /stats → counts and latencies, POST /reset
#include "bench/histogram.hpp"
#include "core/numbers.hpp"
#include "core/time.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace postern::bench {
namespace {

constexpr std::size_t kRequestBytesMax = 256 * 1024;
constexpr std::size_t kTimeDigits = 16;
constexpr std::size_t kIdDigits = 26;
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kFail =
    "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

std::optional<std::uint64_t> hex_value(std::string_view digits) {
    std::uint64_t value = 0;
    for (const char digit : digits) {
        const auto at = std::string_view{"0123456789abcdef"}.find(digit);
        if (at == std::string_view::npos) return std::nullopt;
        value = value << 4 | at;
    }
    return value;
}

// The provider's event id: "evt_" and 26 hex digits, of which the first 16 are its time.
std::optional<std::uint64_t> sent_at(std::string_view body) {
    for (std::size_t at = body.find("\"evt_"); at != std::string_view::npos;
         at = body.find("\"evt_", at + 1)) {
        const std::string_view id = body.substr(at + 5, kIdDigits + 1);
        if (id.size() != kIdDigits + 1 || id.back() != '"') continue;
        if (hex_value(id.substr(kTimeDigits, kIdDigits - kTimeDigits))) {
            if (const auto time = hex_value(id.substr(0, kTimeDigits))) return time;
        }
    }
    return std::nullopt;
}

class Sink {
 public:
    int listen();
    void run();

 private:
    struct Request {
        std::string_view head;
        std::string_view body;
    };

    void accept_all();
    void receive(int connection);
    static std::optional<Request> next_request(std::string_view input);
    std::string answer(const Request& request);
    std::string stats() const;

    SystemClock clock_;
    int listener_ = -1;
    int poll_ = -1;
    std::map<int, std::string> inputs_;
    Histogram latency_;
    std::uint64_t delivered_ = 0;
    std::uint64_t failed_ = 0;
};

void watch(int poll, int socket) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    if (epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll_ctl");
}

int Sink::listen() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(listener_, raw, size) != 0) fail("bind");
    if (::listen(listener_, SOMAXCONN) != 0) fail("listen");
    if (getsockname(listener_, raw, &size) != 0) fail("getsockname");
    poll_ = epoll_create1(0);
    watch(poll_, listener_);
    return ntohs(address.sin_port);
}

void Sink::accept_all() {
    for (;;) {
        const int connection = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
        if (connection < 0) return;
        const int on = 1;
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(poll_, connection);
        inputs_[connection].clear();
    }
}

std::optional<Sink::Request> Sink::next_request(std::string_view input) {
    const std::size_t end = input.find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view head = input.substr(0, end + 2);
    std::size_t length = 0;
    // As Postern spells it, and as Node's clients do.
    for (const std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
        const std::size_t field = head.find(name);
        if (field == std::string_view::npos) continue;
        const std::string_view rest = head.substr(field + name.size());
        length = parse_unsigned(rest.substr(0, rest.find('\r'))).value_or(0);
    }
    if (input.size() < end + 4 + length) return std::nullopt;
    return Request{input.substr(0, end + 4), input.substr(end + 4, length)};
}

std::string Sink::stats() const {
    std::array<char, 256> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "{\"delivered\":%llu,\"failed\":%llu,\"p50_us\":%.0f,\"p99_us\":%.0f}",
        static_cast<unsigned long long>(delivered_),
        static_cast<unsigned long long>(failed_),
        latency_.quantile(0.5),
        latency_.quantile(0.99)
    );
    return text.data();
}

std::string Sink::answer(const Request& request) {
    if (request.head.starts_with("GET /stats")) {
        const std::string body = stats();
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
               + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    if (request.head.starts_with("POST /reset")) {
        latency_ = {};
        delivered_ = 0;
        failed_ = 0;
        return std::string{kOk};
    }
    if (request.head.starts_with("POST /fail")) {
        ++failed_;
        return std::string{kFail};
    }
    ++delivered_;
    if (const auto sent = sent_at(request.body)) {
        const auto now = static_cast<std::uint64_t>(unix_microseconds(clock_.now()));
        latency_.add(now > *sent ? now - *sent : 0);
    }
    return std::string{kOk};
}

void Sink::receive(int connection) {
    std::string& input = inputs_[connection];
    std::array<char, 64 * 1024> buffer;
    const ssize_t got = recv(connection, buffer.data(), buffer.size(), 0);
    if (got <= 0 || input.size() > kRequestBytesMax) {
        inputs_.erase(connection);
        close(connection);
        return;
    }
    input.append(buffer.data(), static_cast<std::size_t>(got));
    std::size_t taken = 0;
    std::string answers;
    while (const auto request = next_request(std::string_view{input}.substr(taken))) {
        answers += answer(*request);
        taken += request->head.size() + request->body.size();
    }
    input.erase(0, taken);
    if (!answers.empty()) send(connection, answers.data(), answers.size(), MSG_NOSIGNAL);
}

void Sink::run() {
    std::array<epoll_event, 256> events;
    for (;;) {
        const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int socket = events[static_cast<std::size_t>(i)].data.fd;
            socket == listener_ ? accept_all() : receive(socket);
        }
    }
}

}  // namespace
}  // namespace postern::bench

int main() {
    postern::bench::Sink sink;
    std::printf("%d\n", sink.listen());
    std::fflush(stdout);
    sink.run();
}
