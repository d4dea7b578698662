#include "tests/unit/net/fake_dns.hpp"

#include "core/assert.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace postern::net {
namespace {

constexpr int kTypeA = 1;
constexpr int kTypeAlias = 5;
constexpr int kTypeAaaa = 28;
constexpr std::size_t kHeaderBytes = 12;

void put_16(std::string& message, std::size_t number) {
    message += static_cast<char>(number >> 8 & 0xff);
    message += static_cast<char>(number & 0xff);
}

void put_name(std::string& message, std::string_view name) {
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        message += static_cast<char>(label.size());
        message += label;
        name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
    message += '\0';
}

std::string read_name(std::string_view message, std::size_t& at) {
    std::string name;
    while (at < message.size() && message[at] != 0) {
        const auto length = static_cast<std::size_t>(message[at]);
        if (!name.empty()) name += '.';
        name += message.substr(at + 1, length);
        at += length + 1;
    }
    ++at;
    return name;
}

struct RecordData {
    int type = 0;
    std::string bytes;
};

RecordData encode(const std::string& data) {
    char address[16];
    if (::inet_pton(AF_INET, data.c_str(), address) == 1) return {kTypeA, {address, 4}};
    if (::inet_pton(AF_INET6, data.c_str(), address) == 1) return {kTypeAaaa, {address, 16}};
    RecordData alias{kTypeAlias, {}};
    put_name(alias.bytes, data);
    return alias;
}

std::string reply_to(std::string_view query, const DnsAnswer& answer) {
    std::string reply{query.substr(0, 2)};
    put_16(reply, 0x8180 | static_cast<std::size_t>(answer.response_code));
    put_16(reply, 1);
    put_16(reply, answer.records.size());
    put_16(reply, 0);
    put_16(reply, 0);
    std::size_t end = kHeaderBytes;
    read_name(query, end);
    reply += query.substr(kHeaderBytes, end + 4 - kHeaderBytes);
    for (const DnsRecord& record : answer.records) {
        const RecordData data = encode(record.data);
        if (record.owner.empty()) {
            put_16(reply, 0xc000 | kHeaderBytes);  // the name of the question
        } else {
            put_name(reply, record.owner);
        }
        put_16(reply, static_cast<std::size_t>(data.type));
        put_16(reply, 1);
        put_16(reply, record.ttl >> 16);
        put_16(reply, record.ttl & 0xffff);
        put_16(reply, data.bytes.size());
        reply += data.bytes;
    }
    return reply;
}

DnsQuestion read_question(std::string_view query) {
    std::size_t at = kHeaderBytes;
    DnsQuestion question{.name = read_name(query, at)};
    if (at + 1 >= query.size()) return question;
    if (query[at + 1] == kTypeA) question.type = DnsQuestion::Type::a;
    if (query[at + 1] == kTypeAaaa) question.type = DnsQuestion::Type::aaaa;
    return question;
}

}  // namespace

FakeDns::FakeDns(Script script)
    : script_{std::move(script)},
      socket_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)},
      stop_event_{::eventfd(0, EFD_CLOEXEC)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    POSTERN_ASSERT(::bind(socket_, generic, size) == 0);
    POSTERN_ASSERT(::getsockname(socket_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread{[this] {
        serve();
    }};
}

FakeDns::~FakeDns() {
    ::eventfd_write(stop_event_, 1);
    thread_.join();
    ::close(socket_);
    ::close(stop_event_);
}

std::string FakeDns::server() const {
    return "127.0.0.1:" + std::to_string(port_);
}

int FakeDns::questions(const std::string& name) {
    const std::lock_guard lock{mutex_};
    return asked_[name];
}

void FakeDns::serve() {
    for (;;) {
        pollfd watched[2] = {
            {.fd = socket_, .events = POLLIN, .revents = 0},
            {.fd = stop_event_, .events = POLLIN, .revents = 0}};
        ::poll(watched, 2, -1);
        if (watched[1].revents != 0) return;
        char buffer[1500];
        sockaddr_in from{};
        socklen_t size = sizeof from;
        auto* generic = reinterpret_cast<sockaddr*>(&from);
        const ssize_t count = ::recvfrom(socket_, buffer, sizeof buffer, 0, generic, &size);
        if (count < static_cast<ssize_t>(kHeaderBytes)) continue;
        const std::string_view query{buffer, static_cast<std::size_t>(count)};
        const DnsQuestion question = read_question(query);
        {
            const std::lock_guard lock{mutex_};
            ++asked_[question.name];
        }
        const DnsAnswer answer = script_(question);
        if (answer.manner == DnsAnswer::Manner::never) continue;
        const std::string reply = reply_to(query, answer);
        ::sendto(socket_, reply.data(), reply.size(), 0, generic, size);
    }
}

}  // namespace postern::net
