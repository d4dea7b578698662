#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::daemon {

enum class UrlScheme { http, https };

struct HttpUrl {
    UrlScheme scheme = UrlScheme::http;
    std::string host;  // without the brackets of IPv6
    std::string port;
    std::string target;  // path and query; at least "/"

    bool operator==(const HttpUrl&) const = default;
};

// http and https without user, password and fragment.
std::optional<HttpUrl> parse_http_url(std::string_view text);

// What stands in the Host field.
std::string host_field(const HttpUrl& url);

}  // namespace postern::daemon
