#include "net/address.hpp"

#include "core/http_message.hpp"
#include "core/numbers.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>

namespace postern::net {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool same_prefix(const IpAddress& a, const IpAddress& b, int bits) {
    for (std::size_t i = 0; i < a.bytes.size() && bits > 0; ++i, bits -= 8) {
        const auto mask = static_cast<std::uint8_t>(bits >= 8 ? 0xff : 0xff << (8 - bits));
        if (((a.bytes[i] ^ b.bytes[i]) & mask) != 0) return false;
    }
    return true;
}

// X-Forwarded-For entries come with or without a port, IPv6 with or without brackets.
std::string_view without_port(std::string_view entry) {
    if (!entry.empty() && entry.front() == '[') {
        const auto close = entry.find(']');
        return close == std::string_view::npos ? entry : entry.substr(1, close - 1);
    }
    const bool one_colon = std::count(entry.begin(), entry.end(), ':') == 1;
    return one_colon ? entry.substr(0, entry.find(':')) : entry;
}

}  // namespace

bool IpAddress::is_v4() const {
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

bool IpAddress::is_loopback() const {
    if (is_v4()) return bytes[12] == 127;
    IpAddress one;
    one.bytes[15] = 1;
    return *this == one;
}

std::string IpAddress::to_text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool v4 = is_v4();
    const void* source = v4 ? &bytes[12] : bytes.data();
    const auto size = static_cast<socklen_t>(text.size());
    return inet_ntop(v4 ? AF_INET : AF_INET6, source, text.data(), size);
}

std::optional<IpAddress> parse_ip_address(std::string_view text) {
    const std::string terminated{text};
    if (terminated.find('\0') != std::string::npos) return std::nullopt;
    IpAddress address;
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
    std::array<std::uint8_t, 4> v4{};
    if (inet_pton(AF_INET, terminated.c_str(), v4.data()) != 1) return std::nullopt;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
    std::copy(v4.begin(), v4.end(), address.bytes.begin() + 12);
    return address;
}

Result<AddressList, Complaint> AddressList::parse(const std::vector<std::string>& ranges) {
    AddressList list;
    for (const std::string& text : ranges) {
        const auto slash = text.find('/');
        const auto base = parse_ip_address(std::string_view{text}.substr(0, slash));
        std::string complaint = text;
        complaint += " is no address range: write 10.0.0.0/8, 2001:db8::/32 or one address";
        if (!base) return Complaint{std::move(complaint)};
        const int width = base->is_v4() ? 32 : 128;
        int bits = width;
        if (slash != std::string::npos) {
            const auto given = parse_unsigned(std::string_view{text}.substr(slash + 1));
            if (!given || *given > static_cast<unsigned>(width)) {
                return Complaint{std::move(complaint)};
            }
            bits = static_cast<int>(*given);
        }
        list.ranges_.push_back({*base, bits + (128 - width)});
    }
    return list;
}

bool AddressList::contains(const IpAddress& address) const {
    return std::any_of(ranges_.begin(), ranges_.end(), [&address](const Range& range) {
        return same_prefix(address, range.base, range.prefix_bits);
    });
}

IpAddress client_behind_proxies(
    const IpAddress& peer,
    std::string_view forwarded_for,
    const AddressList& trusted
) {
    IpAddress client = peer;
    while (!forwarded_for.empty() && trusted.contains(client)) {
        const auto comma = forwarded_for.rfind(',');
        const std::string_view last =
            comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1);
        const auto address = parse_ip_address(without_port(trim_spaces(last)));
        if (!address) break;  // a proxy of ours would not write this: stop believing
        client = *address;
        forwarded_for =
            comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
    }
    return client;
}

}  // namespace postern::net
