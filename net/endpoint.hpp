#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace postern::net {

struct HostAndPort {
    std::string host;
    std::string port;
};

// "127.0.0.1:8080", "[::1]:0", "localhost:80".
Result<HostAndPort, Complaint> split_host_and_port(std::string_view text);

}  // namespace postern::net
