#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::config {

// The HTTP proxy that deliveries go through, as its URL names it.
struct ProxyUrl {
    std::string host;  // a name or an address, without the brackets of IPv6
    std::uint16_t port = 0;
    std::string credentials;  // "user:password", decoded; empty: none

    bool operator==(const ProxyUrl&) const = default;
};

// "http://[user:password@]host:port", nothing after it but one slash.
std::optional<ProxyUrl> parse_proxy_url(std::string_view text);

}  // namespace postern::config
