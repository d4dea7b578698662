#include "daemon/http_url.hpp"

#include "core/numbers.hpp"

#include <algorithm>

namespace postern::daemon {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";
constexpr std::uint64_t kPortMax = 65'535;

std::string_view default_port(UrlScheme scheme) {
    return scheme == UrlScheme::https ? "443" : "80";
}

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::optional<HttpUrl> parse_http_url(std::string_view text) {
    HttpUrl url;
    if (!is_printable(text)) return std::nullopt;
    if (text.starts_with(kHttps)) {
        url.scheme = UrlScheme::https;
        text.remove_prefix(kHttps.size());
    } else if (text.starts_with(kHttp)) {
        text.remove_prefix(kHttp.size());
    } else {
        return std::nullopt;
    }
    const auto slash = std::min(text.find_first_of("/?"), text.size());
    std::string_view authority = text.substr(0, slash);
    url.target = text.substr(slash);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    url.port = default_port(url.scheme);
    const auto bracket = authority.rfind(']');
    const auto colon = authority.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        url.port = authority.substr(colon + 1);
        authority = authority.substr(0, colon);
    }
    const bool bracketed = authority.starts_with('[') && authority.ends_with(']');
    url.host = bracketed ? authority.substr(1, authority.size() - 2) : authority;
    const auto port = parse_unsigned(url.port);
    const auto forbidden = bracketed ? "[]@" : "[]@:";
    if (!port || *port == 0 || *port > kPortMax || url.host.empty()
        || url.host.find_first_of(forbidden) != std::string::npos
        || url.target.find('#') != std::string::npos) {
        return std::nullopt;
    }
    return url;
}

std::string host_field(const HttpUrl& url) {
    const bool bracketed = url.host.find(':') != std::string::npos;
    std::string field;
    if (bracketed) field += '[';
    field += url.host;
    if (bracketed) field += ']';
    if (url.port != default_port(url.scheme)) {
        field += ':';
        field += url.port;
    }
    return field;
}

}  // namespace postern::daemon
