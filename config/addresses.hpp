#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::config {

// Where to listen: an IP address, never a name, so that starting asks no name server.
struct ListenAddress {
    std::string host;        // without the brackets of IPv6
    std::uint16_t port = 0;  // 0: the system chooses

    bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:8080", "[::1]:8080" or "localhost:8080", which is 127.0.0.1.
std::optional<ListenAddress> parse_listen_address(std::string_view text);
std::string to_text(const ListenAddress& address);

// The addresses that begin with the same bits. IPv4 is kept in its IPv6-mapped form, so that one
// comparison serves both and a mapped peer is found in an IPv4 range.
struct AddressRange {
    std::array<unsigned char, 16> first{};
    unsigned prefix_bits = 128;

    bool operator==(const AddressRange&) const = default;
};

// "10.0.0.0/8", "2001:db8::/32" or one address. Bits beyond the prefix are refused: the writer
// meant another range than the one written.
std::optional<AddressRange> parse_address_range(std::string_view text);
std::string to_text(const AddressRange& range);
bool contains(const AddressRange& range, std::string_view address);

}  // namespace postern::config
