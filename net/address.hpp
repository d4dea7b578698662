#pragma once

#include "core/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

// An IP address in its 16 byte form; IPv4 is held as IPv4-mapped, so one comparison serves both.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const IpAddress&) const = default;

    bool is_v4() const;
    bool is_loopback() const;
    std::string to_text() const;
};

std::optional<IpAddress> parse_ip_address(std::string_view text);

// "10.0.0.0/8", "2001:db8::/32", or an address alone.
class AddressList {
 public:
    static Result<AddressList, Complaint> parse(const std::vector<std::string>& ranges);
    bool contains(const IpAddress& address) const;
    bool empty() const { return ranges_.empty(); }

 private:
    struct Range {
        IpAddress base;
        int prefix_bits = 128;
    };
    std::vector<Range> ranges_;
};

// Who really sent the request: the last address of X-Forwarded-For that is no trusted proxy. Only
// asked when the peer itself is trusted; each proxy appends what it saw, so we read from the end.
IpAddress client_behind_proxies(
    const IpAddress& peer,
    std::string_view forwarded_for,
    const AddressList& trusted
);

}  // namespace postern::net
