#include "config/proxy_url.hpp"

#include "core/bytes.hpp"
#include "core/numbers.hpp"

#include <algorithm>
#include <limits>

namespace postern::config {
namespace {

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
           || c == '.' || c == '_';
}

bool is_address_character(char c) {
    return is_host_character(c) || c == ':';
}

std::optional<std::string> parse_host(std::string_view text) {
    const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (bracketed) text = text.substr(1, text.size() - 2);
    const auto allowed = bracketed ? is_address_character : is_host_character;
    if (text.empty() || !std::all_of(text.begin(), text.end(), allowed)) return std::nullopt;
    return std::string{text};
}

// Basic authentication ends the user's name at the first colon, so a user always has one after it.
std::optional<std::string> parse_credentials(std::string_view text) {
    if (text.find(':') == std::string_view::npos) return std::nullopt;
    auto decoded = decode_percent(text);
    const auto is_control = [](char c) {
        return (c >= 0 && c < ' ') || c == '\x7f';
    };
    if (!decoded || std::any_of(decoded->begin(), decoded->end(), is_control)) return std::nullopt;
    return decoded;
}

}  // namespace

std::optional<ProxyUrl> parse_proxy_url(std::string_view text) {
    constexpr std::string_view scheme = "http://";
    if (!text.starts_with(scheme)) return std::nullopt;
    text.remove_prefix(scheme.size());
    if (text.ends_with('/')) text.remove_suffix(1);
    ProxyUrl url;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        auto credentials = parse_credentials(text.substr(0, at));
        if (!credentials) return std::nullopt;
        url.credentials = std::move(*credentials);
        text.remove_prefix(at + 1);
    }
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto host = parse_host(text.substr(0, colon));
    const auto port = parse_unsigned(text.substr(colon + 1));
    if (!host || !port || *port == 0 || *port > std::numeric_limits<std::uint16_t>::max()) {
        return std::nullopt;
    }
    url.host = std::move(*host);
    url.port = static_cast<std::uint16_t>(*port);
    return url;
}

}  // namespace postern::config
