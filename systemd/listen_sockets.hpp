#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::systemd {

struct ListenSocket {
    int descriptor = -1;
    std::string address;  // "127.0.0.1:8080", "[::]:8080"

    bool operator==(const ListenSocket&) const = default;
};

// Listening sockets that the service manager opened and keeps open: whoever connects while no
// daemon runs waits in them. They are not ours to close.
struct ListenSockets {
    std::vector<ListenSocket> public_side;
    std::vector<ListenSocket> private_side;
    std::vector<ListenSocket> tls_side;

    bool operator==(const ListenSockets&) const = default;
};

// What was handed over by LISTEN_FDS, by its FileDescriptorName; nothing where nothing was. The
// variables are removed, so that no other process takes them for its own. A complaint names the
// socket whose name or kind does not fit.
Result<ListenSockets, Complaint> take_listen_sockets();

}  // namespace postern::systemd
