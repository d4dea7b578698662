#include "systemd/listen_sockets.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

namespace postern::systemd {
namespace {

struct FreeNames {
    void operator()(char** names) const {
        for (char** name = names; *name != nullptr; ++name) std::free(*name);
        std::free(names);
    }
};

struct Handed {
    int descriptor = -1;
    std::string_view name;
};

Complaint complaint_about(const Handed& handed, std::string_view problem) {
    std::string message = "socket \"";
    message += handed.name;
    message += "\" of the service manager (descriptor ";
    message += std::to_string(handed.descriptor);
    message += "): ";
    message += problem;
    return Complaint{std::move(message)};
}

bool listens_on_tcp(int descriptor) {
    return sd_is_socket_inet(descriptor, AF_INET, SOCK_STREAM, 1, 0) > 0
           || sd_is_socket_inet(descriptor, AF_INET6, SOCK_STREAM, 1, 0) > 0;
}

// Empty when it cannot be told.
std::string address_of(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    if (getsockname(descriptor, generic, &size) != 0) return {};
    const int failed = getnameinfo(
        generic,
        size,
        host.data(),
        static_cast<socklen_t>(host.size()),
        port.data(),
        static_cast<socklen_t>(port.size()),
        NI_NUMERICHOST | NI_NUMERICSERV
    );
    if (failed != 0) return {};
    std::string text{host.data()};
    if (address.ss_family == AF_INET6) text = '[' + text + ']';
    return text + ':' + port.data();
}

std::vector<ListenSocket>* side_of(std::string_view name, ListenSockets& sockets) {
    if (name == "public") return &sockets.public_side;
    if (name == "private") return &sockets.private_side;
    if (name == "tls") return &sockets.tls_side;
    return nullptr;
}

}  // namespace

Result<ListenSockets, Complaint> take_listen_sockets() {
    char** raw_names = nullptr;
    const int count = sd_listen_fds_with_names(1, &raw_names);
    const std::unique_ptr<char*, FreeNames> names{raw_names};
    if (count < 0) {
        std::string message = "the sockets of the service manager cannot be taken: ";
        message += std::strerror(-count);
        return Complaint{std::move(message)};
    }
    ListenSockets sockets;
    for (int i = 0; i < count; ++i) {
        const Handed handed{.descriptor = SD_LISTEN_FDS_START + i, .name = names.get()[i]};
        std::vector<ListenSocket>* side = side_of(handed.name, sockets);
        if (side == nullptr) {
            return complaint_about(handed, "FileDescriptorName= must be public, private or tls");
        }
        if (!listens_on_tcp(handed.descriptor)) {
            return complaint_about(handed, "must be a listening TCP socket: ListenStream=PORT");
        }
        side->push_back({.descriptor = handed.descriptor, .address = address_of(handed.descriptor)}
        );
    }
    return sockets;
}

}  // namespace postern::systemd
