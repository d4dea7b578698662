#include "net/proxy_protocol.hpp"

#include "core/numbers.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace postern::net {
namespace {

constexpr std::string_view kV1Start = "PROXY ";
constexpr std::string_view kV2Start{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t kV1BytesMax = 107;
constexpr std::size_t kV2FixedBytes = 16;
constexpr std::size_t kV2BytesMax = kV2FixedBytes + 536;

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

std::vector<std::string_view> split_at_spaces(std::string_view line) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto space = line.find(' ');
        parts.push_back(line.substr(0, space));
        if (space == std::string_view::npos) return parts;
        line.remove_prefix(space + 1);
    }
}

bool is_port(std::string_view text) {
    const auto port = parse_unsigned(text);
    return port && *port <= 65'535;
}

ProxyProgress parse_v1(std::string_view input, ProxyHeader& header) {
    const auto end = input.substr(0, kV1BytesMax).find("\r\n");
    if (end == std::string_view::npos) {
        return input.size() >= kV1BytesMax ? ProxyProgress::refused : ProxyProgress::need_more;
    }
    const auto parts = split_at_spaces(input.substr(0, end));
    header.bytes = end + 2;
    if (parts.size() >= 2 && parts[1] == "UNKNOWN") return ProxyProgress::complete;
    if (parts.size() != 6 || (parts[1] != "TCP4" && parts[1] != "TCP6")) {
        return ProxyProgress::refused;
    }
    const auto client = parse_ip_address(parts[2]);
    const bool v4 = parts[1] == "TCP4";
    if (!client || client->is_v4() != v4 || !parse_ip_address(parts[3])) {
        return ProxyProgress::refused;
    }
    if (!is_port(parts[4]) || !is_port(parts[5])) return ProxyProgress::refused;
    header.client = client;
    return ProxyProgress::complete;
}

ProxyProgress parse_v2(std::string_view input, ProxyHeader& header) {
    if (input.size() < kV2FixedBytes) return ProxyProgress::need_more;
    const std::uint8_t version_and_command = byte_at(input, 12);
    const std::size_t length =
        static_cast<std::size_t>(byte_at(input, 14)) << 8 | byte_at(input, 15);
    header.bytes = kV2FixedBytes + length;
    if (version_and_command >> 4 != 2 || header.bytes > kV2BytesMax) return ProxyProgress::refused;
    if (input.size() < header.bytes) return ProxyProgress::need_more;
    const int command = version_and_command & 0x0f;
    if (command == 0) return ProxyProgress::complete;  // LOCAL
    if (command != 1) return ProxyProgress::refused;
    const std::string_view addresses = input.substr(kV2FixedBytes, length);
    const int family = byte_at(input, 13) >> 4;
    IpAddress client;
    if (family == 1 && addresses.size() >= 12) {
        client.bytes[10] = 0xff;
        client.bytes[11] = 0xff;
        std::copy_n(addresses.begin(), 4, client.bytes.begin() + 12);
        header.client = client;
    } else if (family == 2 && addresses.size() >= 36) {
        std::copy_n(addresses.begin(), 16, client.bytes.begin());
        header.client = client;
    } else if (family == 1 || family == 2) {
        return ProxyProgress::refused;
    }
    return ProxyProgress::complete;
}

bool may_start_with(std::string_view input, std::string_view start) {
    const std::size_t shared = std::min(input.size(), start.size());
    return input.substr(0, shared) == start.substr(0, shared);
}

}  // namespace

ProxyProgress
parse_proxy_header(std::string_view input, ProxyProtocol allowed, ProxyHeader& header) {
    const bool v1 = allowed == ProxyProtocol::v1 || allowed == ProxyProtocol::any;
    const bool v2 = allowed == ProxyProtocol::v2 || allowed == ProxyProtocol::any;
    if (v1 && may_start_with(input, kV1Start)) {
        return input.size() < kV1Start.size() ? ProxyProgress::need_more : parse_v1(input, header);
    }
    if (v2 && may_start_with(input, kV2Start)) {
        return input.size() < kV2Start.size() ? ProxyProgress::need_more : parse_v2(input, header);
    }
    return ProxyProgress::refused;
}

}  // namespace postern::net
