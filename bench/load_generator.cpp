// load_generator --port 8080 --path /api/v2/webhooks/stripe --secret whsec_x [--connections 64]
//     [--seconds 5] [--warm-seconds 1] [--rate N] [--kind webhook|payment]
// Posts signed webhooks, or payments (then the secret is the API key), over keep-alive connections
// from one thread and prints one JSON object.
// Without a rate each connection posts again as soon as it was answered; with one, requests leave
// on schedule and latency counts from the schedule, so that a slow server cannot hide its queue.
// It talks to this machine only.
#include "bench/histogram.hpp"
#include "bench/payload.hpp"
#include "core/http_message.hpp"
#include "core/numbers.hpp"
#include "core/result.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <deque>
#include <fcntl.h>
#include <map>
#include <memory>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace postern::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using SteadyPoint = SteadyClock::time_point;
using std::chrono::nanoseconds;

constexpr std::uint64_t kConnectionsMax = 4096;
constexpr std::chrono::seconds kDrainMax{3};
constexpr std::chrono::milliseconds kWaitMax{100};

struct Options {
    std::uint64_t port = 0;
    std::string path = "/";
    std::string secret = "whsec_bench";
    std::string kind = "webhook";
    std::uint64_t connections = 64;
    std::uint64_t seconds = 5;
    std::uint64_t warm_seconds = 1;
    std::uint64_t rate = 0;
};

Result<Options, Complaint> parse_options(const std::vector<std::string_view>& arguments) {
    Options options;
    const std::map<std::string_view, std::string*> texts{
        {"--path", &options.path}, {"--secret", &options.secret}, {"--kind", &options.kind}};
    const std::map<std::string_view, std::uint64_t*> numbers{
        {"--port", &options.port},
        {"--connections", &options.connections},
        {"--seconds", &options.seconds},
        {"--warm-seconds", &options.warm_seconds},
        {"--rate", &options.rate}};
    for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
        const std::string name{arguments[i]};
        if (const auto text = texts.find(name); text != texts.end()) {
            *text->second = arguments[i + 1];
            continue;
        }
        const auto number = numbers.find(name);
        const auto value = parse_unsigned(arguments[i + 1]);
        if (number == numbers.end() || !value) return Complaint{name + ": unknown or no number"};
        *number->second = *value;
    }
    if (arguments.size() % 2 != 0) return Complaint{"an option lacks its value"};
    if (options.kind != "webhook" && options.kind != "payment") {
        return Complaint{"--kind is webhook or payment"};
    }
    if (options.port == 0 || options.port > 65535) return Complaint{"--port is needed"};
    if (options.connections == 0 || options.connections > kConnectionsMax) {
        return Complaint{"--connections is out of bounds"};
    }
    if (options.seconds <= options.warm_seconds) return Complaint{"--seconds leaves no time"};
    return options;
}

struct Connection {
    int descriptor = -1;
    std::string request;
    std::size_t sent_bytes = 0;
    std::string reply;
    SteadyPoint due;  // when the request left, or should have left
    enum class State { closed, idle, busy } state = State::closed;
};

struct Reply {
    std::uint64_t status = 0;
    std::size_t bytes = 0;
};

enum class ReplyFailure { incomplete, unreadable };

// All that the servers compared here send: a status line and a counted body.
Result<Reply, ReplyFailure> parse_reply(std::string_view text) {
    constexpr std::size_t kStatusAt = 9;  // after "HTTP/1.1 "
    const std::size_t head_end = text.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return ReplyFailure::incomplete;
    Reply reply{.bytes = head_end + 4};
    std::string_view head = text.substr(0, head_end);
    const auto status = parse_unsigned(head.substr(std::min(kStatusAt, head.size()), 3));
    if (!status) return ReplyFailure::unreadable;
    reply.status = *status;
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        const std::string_view line = head.substr(0, end);
        const std::size_t colon = std::min(line.find(':'), line.size());
        if (equal_ignoring_case(line.substr(0, colon), "content-length")) {
            const auto length = parse_unsigned(trim_spaces(line.substr(colon + 1)));
            if (!length) return ReplyFailure::unreadable;
            reply.bytes += *length;
        }
        head.remove_prefix(std::min(end + 2, head.size()));
    }
    if (text.size() < reply.bytes) return ReplyFailure::incomplete;
    return reply;
}

struct Tally {
    std::uint64_t sent = 0;
    std::uint64_t accepted = 0;       // answered 2xx
    std::uint64_t accepted_warm = 0;  // of them, after the warm-up and before the end
    std::uint64_t refused = 0;
    std::uint64_t broken = 0;
    Histogram latencies;
};

std::unique_ptr<RequestWriter> writer_of(const Options& options) {
    const std::string host = "127.0.0.1:" + std::to_string(options.port);
    const RequestWriter::Target target{
        .host = host, .path = options.path, .secret = options.secret};
    if (options.kind == "payment") return std::make_unique<PaymentWriter>(target);
    return std::make_unique<WebhookWriter>(target);
}

class Generator {
 public:
    explicit Generator(const Options& options)
        : options_{options}, writer_{writer_of(options)}, connections_(options.connections) {}

    ~Generator() {
        for (Connection& connection : connections_) hang_up(connection);
        if (epoll_ >= 0) close(epoll_);
    }
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    // False when the server cannot be reached at all.
    bool run() {
        epoll_ = epoll_create1(EPOLL_CLOEXEC);
        for (Connection& connection : connections_) {
            if (!dial(connection)) return false;
            idle_.push_back(&connection);
        }
        started_ = SteadyClock::now();
        measured_from_ = started_ + std::chrono::seconds{options_.warm_seconds};
        ends_ = started_ + std::chrono::seconds{options_.seconds};
        while (SteadyClock::now() < ends_) {
            fire_what_is_due();
            wait(time_to_wait());
        }
        while (busy_ > 0 && SteadyClock::now() < ends_ + kDrainMax) wait(kWaitMax);
        return true;
    }

    const Tally& tally() const { return tally_; }

 private:
    bool dial(Connection& connection);
    void hang_up(Connection& connection);
    void fire_what_is_due();
    void fire(Connection& connection, SteadyPoint due);
    void send_more(Connection& connection);
    void wait(nanoseconds most);
    void receive(Connection& connection);
    void finish(Connection& connection, const Reply& reply);
    void give_up(Connection& connection);
    void watch(Connection& connection, std::uint32_t events);
    SteadyPoint due_at(std::uint64_t number) const;
    nanoseconds time_to_wait() const;

    const Options& options_;
    std::unique_ptr<RequestWriter> writer_;
    SystemClock wall_;
    std::vector<Connection> connections_;
    std::deque<Connection*> idle_;
    Tally tally_;
    SteadyPoint started_;
    SteadyPoint measured_from_;
    SteadyPoint ends_;
    std::uint64_t scheduled_ = 0;
    std::size_t busy_ = 0;
    int epoll_ = -1;
};

bool Generator::dial(Connection& connection) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection = {};
    connection.descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (connect(connection.descriptor, generic, sizeof address) != 0) {
        hang_up(connection);
        return false;
    }
    const int on = 1;
    setsockopt(connection.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(connection.descriptor, F_SETFL, O_NONBLOCK);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.descriptor, &event);
    connection.state = Connection::State::idle;
    return true;
}

void Generator::hang_up(Connection& connection) {
    if (connection.descriptor >= 0) close(connection.descriptor);
    connection.descriptor = -1;
    connection.state = Connection::State::closed;
}

SteadyPoint Generator::due_at(std::uint64_t number) const {
    constexpr double kNanosecondsPerSecond = 1e9;
    const double after =
        static_cast<double>(number) * kNanosecondsPerSecond / static_cast<double>(options_.rate);
    return started_ + nanoseconds{static_cast<std::int64_t>(after)};
}

void Generator::fire_what_is_due() {
    const SteadyPoint now = SteadyClock::now();
    while (!idle_.empty()) {
        const SteadyPoint due = options_.rate == 0 ? SteadyClock::now() : due_at(scheduled_);
        if (options_.rate != 0 && due > now) return;
        Connection& connection = *idle_.front();
        if (connection.state == Connection::State::closed && !dial(connection)) {
            ++tally_.broken;
            return;
        }
        idle_.pop_front();
        ++scheduled_;
        fire(connection, due);
    }
}

void Generator::fire(Connection& connection, SteadyPoint due) {
    writer_->write_next(wall_.now(), connection.request);
    connection.sent_bytes = 0;
    connection.due = due;
    connection.state = Connection::State::busy;
    ++busy_;
    ++tally_.sent;
    send_more(connection);
}

void Generator::send_more(Connection& connection) {
    const std::string& request = connection.request;
    while (connection.sent_bytes < request.size()) {
        const ssize_t sent = send(
            connection.descriptor,
            request.data() + connection.sent_bytes,
            request.size() - connection.sent_bytes,
            MSG_NOSIGNAL
        );
        if (sent < 0) {
            // Any other failure shows when the reply is read.
            if (errno == EAGAIN) watch(connection, EPOLLIN | EPOLLOUT);
            return;
        }
        connection.sent_bytes += static_cast<std::size_t>(sent);
    }
}

void Generator::watch(Connection& connection, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.ptr = &connection}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.descriptor, &event);
}

nanoseconds Generator::time_to_wait() const {
    if (options_.rate == 0 || idle_.empty()) return kWaitMax;
    const nanoseconds left = due_at(scheduled_) - SteadyClock::now();
    return std::clamp<nanoseconds>(left, nanoseconds{0}, kWaitMax);
}

void Generator::wait(nanoseconds most) {
    epoll_event events[256];
    const timespec timeout{.tv_sec = 0, .tv_nsec = most.count()};
    const int count = epoll_pwait2(epoll_, events, std::size(events), &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
        Connection& connection = *static_cast<Connection*>(events[i].data.ptr);
        if ((events[i].events & EPOLLOUT) != 0) {
            watch(connection, EPOLLIN);
            send_more(connection);
        }
        if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive(connection);
    }
}

void Generator::receive(Connection& connection) {
    char block[16384];
    const ssize_t size = recv(connection.descriptor, block, sizeof block, 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return give_up(connection);
    connection.reply.append(block, static_cast<std::size_t>(size));
    const auto reply = parse_reply(connection.reply);
    if (reply) return finish(connection, *reply);
    if (reply.error() == ReplyFailure::unreadable) give_up(connection);
}

void Generator::finish(Connection& connection, const Reply& reply) {
    if (connection.state != Connection::State::busy) return give_up(connection);
    const SteadyPoint now = SteadyClock::now();
    const bool accepted = reply.status >= 200 && reply.status < 300;
    ++(accepted ? tally_.accepted : tally_.refused);
    if (accepted && now >= measured_from_ && now < ends_) ++tally_.accepted_warm;
    if (accepted && connection.due >= measured_from_) {
        const auto taken = std::chrono::duration_cast<Microseconds>(now - connection.due);
        tally_.latencies.add(static_cast<std::uint64_t>(taken.count()));
    }
    connection.reply.erase(0, reply.bytes);
    connection.state = Connection::State::idle;
    --busy_;
    idle_.push_back(&connection);
}

// The peer closed: fine between two requests, a broken one otherwise. It is dialled again when its
// turn comes.
void Generator::give_up(Connection& connection) {
    if (connection.state == Connection::State::busy) {
        ++tally_.broken;
        --busy_;
        idle_.push_back(&connection);
    }
    hang_up(connection);
}

void print(const Options& options, const Tally& tally) {
    const auto measured = static_cast<double>(options.seconds - options.warm_seconds);
    std::printf(
        "{\"sent\":%llu,\"accepted\":%llu,\"refused\":%llu,\"broken\":%llu,"
        "\"accepted_per_second\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f,\"p999_us\":%.0f}\n",
        static_cast<unsigned long long>(tally.sent),
        static_cast<unsigned long long>(tally.accepted),
        static_cast<unsigned long long>(tally.refused),
        static_cast<unsigned long long>(tally.broken),
        static_cast<double>(tally.accepted_warm) / measured,
        tally.latencies.quantile(0.5),
        tally.latencies.quantile(0.99),
        tally.latencies.quantile(0.999)
    );
}

}  // namespace
}  // namespace postern::bench

int main(int argc, char** argv) {
    using namespace postern::bench;
    const auto options = parse_options({argv + 1, argv + argc});
    if (!options) {
        std::fprintf(stderr, "load_generator: %s\n", options.error().message.c_str());
        return 2;
    }
    Generator generator{*options};
    if (!generator.run()) {
        std::fprintf(stderr, "load_generator: nobody listens there\n");
        return 3;
    }
    print(*options, generator.tally());
    return 0;
}
