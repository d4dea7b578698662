#include "config/addresses.hpp"

#include "core/numbers.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace postern::config {
namespace {

constexpr unsigned kMappedPrefixBits = 96;
constexpr std::uint64_t kPortMax = 65'535;
constexpr std::array<unsigned char, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

using AddressBytes = std::array<unsigned char, 16>;

bool is_mapped(const AddressBytes& bytes) {
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

std::optional<AddressBytes> parse_address(std::string_view text) {
    const std::string terminated{text};
    AddressBytes bytes{};
    if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
    if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + kMappedPrefix.size()) == 1) {
        return bytes;
    }
    return std::nullopt;
}

bool same_bits(const AddressBytes& a, const AddressBytes& b, unsigned count) {
    for (unsigned bit = 0; bit < count; ++bit) {
        const unsigned mask = 0x80U >> (bit % 8U);
        if ((a[bit / 8U] & mask) != (b[bit / 8U] & mask)) return false;
    }
    return true;
}

bool is_zero_after(const AddressBytes& bytes, unsigned prefix_bits) {
    for (unsigned bit = prefix_bits; bit < 128U; ++bit) {
        if ((bytes[bit / 8U] & (0x80U >> (bit % 8U))) != 0U) return false;
    }
    return true;
}

}  // namespace

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = parse_unsigned(text.substr(colon + 1));
    if (!port || *port > kPortMax) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    if (host == "localhost") host = "127.0.0.1";
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const bool holds_colon = host.find(':') != std::string_view::npos;
    if (bracketed != holds_colon || !parse_address(host)) return std::nullopt;
    return ListenAddress{.host = std::string{host}, .port = static_cast<std::uint16_t>(*port)};
}

std::string to_text(const ListenAddress& address) {
    const bool bracketed = address.host.find(':') != std::string::npos;
    std::string text;
    if (bracketed) text += '[';
    text += address.host;
    if (bracketed) text += ']';
    text += ':';
    text += std::to_string(address.port);
    return text;
}

std::optional<AddressRange> parse_address_range(std::string_view text) {
    const auto slash = text.find('/');
    const auto first = parse_address(text.substr(0, slash));
    if (!first) return std::nullopt;
    const bool is_ipv4 = text.substr(0, slash).find(':') == std::string_view::npos;
    const unsigned offset = is_ipv4 ? kMappedPrefixBits : 0U;
    AddressRange range{.first = *first};
    if (slash != std::string_view::npos) {
        const auto bits = parse_unsigned(text.substr(slash + 1));
        if (!bits || *bits > 128U - offset) return std::nullopt;
        range.prefix_bits = static_cast<unsigned>(*bits) + offset;
    }
    if (!is_zero_after(range.first, range.prefix_bits)) return std::nullopt;
    return range;
}

std::string to_text(const AddressRange& range) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    const bool is_ipv4 = is_mapped(range.first) && range.prefix_bits >= kMappedPrefixBits;
    const auto* bytes = range.first.data() + (is_ipv4 ? kMappedPrefix.size() : 0U);
    inet_ntop(is_ipv4 ? AF_INET : AF_INET6, bytes, buffer.data(), buffer.size());
    std::string text{buffer.data()};
    text += '/';
    text += std::to_string(range.prefix_bits - (is_ipv4 ? kMappedPrefixBits : 0U));
    return text;
}

bool contains(const AddressRange& range, std::string_view address) {
    const auto bytes = parse_address(address);
    return bytes && same_bits(*bytes, range.first, range.prefix_bits);
}

}  // namespace postern::config
