#pragma once

#include "net/address.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::net {

enum class ProxyProtocol : std::uint8_t { off, v1, v2, any };

struct ProxyHeader {
    std::size_t bytes = 0;            // to skip
    std::optional<IpAddress> client;  // none: the proxy speaks for itself (health check)
};

enum class ProxyProgress : std::uint8_t { need_more, complete, refused };

// Reads the header that haproxy and its kin put before the first byte of a connection. Bounded:
// v1 107 bytes, v2 16 + 536 bytes.
ProxyProgress
parse_proxy_header(std::string_view input, ProxyProtocol allowed, ProxyHeader& header);

}  // namespace postern::net
